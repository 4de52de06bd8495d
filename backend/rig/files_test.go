package rig_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// pngOf returns a picture.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// toldMessage waits for a message to be told to somebody.
func toldMessage(a *rig.Actor, id chat.MessageID) (m chat.Message) {
	a.Expect("message "+string(id), func(e chat.Event) bool {
		if e.Message == nil || e.Message.ID != id {
			return false
		}
		m = *e.Message
		return true
	})
	return m
}

// unknownFile is what everybody is answered about a file that is not there, or not theirs to know of.
func unknownFile(t *testing.T, a *rig.Actor) string {
	t.Helper()
	none := a.ReadFile(chat.NewFileID())
	if none.Status != http.StatusNotFound || none.Refusal() == nil || none.Refusal().Code != chat.CodeUnknown {
		t.Fatalf("a file that is not there: %d %s", none.Status, none.Body)
	}
	return string(none.Body)
}

// hidden checks that a file is answered like one that is not there, to the byte.
func hidden(t *testing.T, a *rig.Actor, id chat.FileID, what string) {
	t.Helper()
	if got := a.ReadFile(id); got.Status != http.StatusNotFound || string(got.Body) != unknownFile(t, a) {
		t.Errorf("%s: %s is answered %d %.200s", what, a.Name, got.Status, got.Body)
	}
}

// readable checks that a file is there, whole.
func readable(t *testing.T, a *rig.Actor, id chat.FileID, want []byte) {
	t.Helper()
	if got := a.ReadFile(id); got.Status != http.StatusOK || !bytes.Equal(got.Body, want) {
		t.Errorf("%s is answered %d, %d bytes of %d", a.Name, got.Status, len(got.Body), len(want))
	}
}

// TestFiles_sentInPartsAndRead: a file comes in parts, the message that names it says what the server found, and the other side reads
// it, whole and in ranges. Repeats change nothing, and no second message gets the file.
func TestFiles_sentInPartsAndRead(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	talk := s.Direct("mira", "liam")
	content := rig.Bytes(5_000_001, "parts")
	f := rig.NewFile{ID: chat.NewFileID(), In: talk, Name: "Lieferschein März.txt", Size: int64(len(content)), SHA256: sumOf(content)}
	for range 2 { // making it again is harmless
		if got := mira.Announce(f); got.Status != http.StatusCreated || got.Header.Get("Location") != rig.FilesPath+"/"+string(f.ID) {
			t.Fatalf("announced: %d %v %s", got.Status, got.Header, got.Body)
		}
	}
	for at := 0; at < len(content); at += 2_000_000 {
		if n := mira.Arrived(f.ID); n != int64(at) {
			t.Fatalf("%d bytes have arrived, want %d", n, at)
		}
		if got := mira.Bring(f.ID, int64(at), bytes.NewReader(content[at:min(at+2_000_000, len(content))])); got.Status != http.StatusNoContent {
			t.Fatalf("at %d: %d %s", at, got.Status, got.Body)
		}
	}
	hidden(t, liam, f.ID, "before any message names it")
	hidden(t, mira, f.ID, "before any message names it")

	m := mira.WithFiles("liam", "", f.ID)
	for range 2 {
		mira.Do(chat.MessagePost, m, nil)
	}
	told := toldMessage(liam, m.ID)
	want := []chat.Attachment{{ID: f.ID, Name: "Lieferschein März.txt", Size: f.Size, Type: "text/plain", SHA256: f.SHA256}}
	if !slices.Equal(told.Attachments, want) {
		t.Errorf("told %+v, want %+v", told.Attachments, want)
	}
	var page chat.HistoryLoadAnswer
	liam.Do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: talk, Limit: 10}, &page)
	if len(page.Messages) != 1 || !slices.Equal(page.Messages[0].Attachments, want) {
		t.Errorf("the history says %+v", page.Messages)
	}
	readable(t, liam, f.ID, content)
	if got := liam.ReadFile(f.ID, "Range", "bytes=4999990-"); got.Status != http.StatusPartialContent || string(got.Body) != string(content[4999990:]) {
		t.Errorf("a range: %d %q", got.Status, got.Body)
	}
	if n := mira.Arrived(f.ID); n != f.Size {
		t.Errorf("its sender is told that %d bytes have arrived", n)
	}
	var refusal *chat.Error
	if err := mira.Try(chat.MessagePost, mira.WithFiles("liam", "again", f.ID), nil); !asRefusal(err, &refusal) || refusal.Code != chat.CodeUnknown {
		t.Errorf("another message with the same file: %v", err)
	}
	changed := m
	changed.FileIDs = nil
	changed.Text = "without"
	if err := mira.Try(chat.MessagePost, changed, nil); !asRefusal(err, &refusal) || refusal.Code != chat.CodeConflict {
		t.Errorf("the same message without its file: %v", err)
	}
	var found chat.MessageSearchAnswer
	liam.Do(chat.MessageSearch, chat.MessageSearchArgs{Text: "lieferschein", Limit: 5}, &found)
	if len(found.Messages) != 1 || found.Messages[0].ID != m.ID {
		t.Errorf("by its name is found %+v", found.Messages)
	}
}

// TestFiles_refusedBeforeTheFirstByte (E6, EXP-14): size, right, form and number are checked before a byte is sent. Each has a twin that
// differs in that alone.
func TestFiles_refusedBeforeTheFirstByte(t *testing.T) {
	s := rig.Start(t, rig.FileQuota(2*chat.MaxFileBytes))
	mira, tomas, liam := s.As("mira"), s.As("tomas"), s.As("liam")
	talk := s.Direct("mira", "liam")
	file := func(change func(*rig.NewFile)) rig.NewFile {
		f := rig.NewFile{ID: chat.NewFileID(), In: talk, Name: "a.bin", Size: 10}
		change(&f)
		return f
	}
	refused := func(what string, got rig.Answer, status int, code chat.Code) {
		t.Helper()
		if e := got.Refusal(); got.Status != status || e == nil || e.Code != code || len(e.Text) < 20 {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
		}
	}
	largest := file(func(f *rig.NewFile) { f.Size = chat.MaxFileBytes })
	if got := mira.Announce(largest); got.Status != http.StatusCreated {
		t.Errorf("exactly the largest: %d %s", got.Status, got.Body)
	}
	refused("one byte more", mira.Announce(file(func(f *rig.NewFile) { f.Size = chat.MaxFileBytes + 1 })), 400, chat.CodeInvalid)
	refused("less than nothing", mira.Announce(file(func(f *rig.NewFile) { f.Size = -1 })), 400, chat.CodeInvalid)
	refused("no id", mira.Announce(file(func(f *rig.NewFile) { f.ID = "../../etc/passwd" })), 400, chat.CodeInvalid)
	refused("no hash", mira.Announce(file(func(f *rig.NewFile) { f.SHA256 = "XYZ" })), 400, chat.CodeInvalid)
	refused("behind the wall", mira.Announce(file(func(f *rig.NewFile) { f.In = s.Direct("mira", "una") })), 404, chat.CodeUnknown)
	refused("others' conversation", tomas.Announce(file(func(*rig.NewFile) {})), 404, chat.CodeUnknown)
	refused("one may not start", tomas.Announce(file(func(f *rig.NewFile) { f.In = s.Direct("tomas", "liam") })), 403, chat.CodeDenied)
	refused("others' id", liam.Announce(file(func(f *rig.NewFile) { f.ID = largest.ID })), 409, chat.CodeConflict)
	refused("the same id for another file", mira.Announce(file(func(f *rig.NewFile) { f.ID = largest.ID })), 409, chat.CodeConflict)
	if got := mira.Announce(file(func(f *rig.NewFile) { f.Size = chat.MaxFileBytes })); got.Status != http.StatusCreated {
		t.Errorf("up to the quota: %d %s", got.Status, got.Body)
	}
	refused("beyond the quota", mira.Announce(file(func(f *rig.NewFile) { f.Size = 1 })), 400, chat.CodeInvalid)
	if got := liam.Announce(file(func(*rig.NewFile) {})); got.Status != http.StatusCreated {
		t.Errorf("within another's quota: %d %s", got.Status, got.Body)
	}
	for range 31 {
		if got := liam.Announce(file(func(*rig.NewFile) {})); got.Status != http.StatusCreated {
			t.Fatalf("one of 32: %d %s", got.Status, got.Body)
		}
	}
	refused("more than 32 at once", liam.Announce(file(func(*rig.NewFile) {})), 503, chat.CodeBusy)
}

// TestFiles_bytesThatDoNotFit (E6, E9): bytes out of place, too many, of another user, after the end, and others than announced.
func TestFiles_bytesThatDoNotFit(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	talk := s.Direct("mira", "liam")
	begin := func(size int64, sum string) chat.FileID {
		f := rig.NewFile{ID: chat.NewFileID(), In: talk, Name: "a.bin", Size: size, SHA256: sum}
		if got := mira.Announce(f); got.Status != http.StatusCreated {
			t.Fatalf("announced: %d %s", got.Status, got.Body)
		}
		return f.ID
	}
	refused := func(what string, got rig.Answer, status int) {
		t.Helper()
		if got.Status != status || got.Refusal() == nil {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
		}
	}
	id := begin(1000, "")
	refused("out of order", mira.Bring(id, 500, bytes.NewReader(make([]byte, 500))), 409)
	refused("more than announced", mira.Bring(id, 0, bytes.NewReader(make([]byte, 5000))), 400)
	refused("by somebody else", liam.Bring(id, 0, bytes.NewReader(make([]byte, 1000))), 404)
	if n := liam.Arrived(id); n != -1 {
		t.Errorf("somebody else is told that %d bytes have arrived", n)
	}
	if n := mira.Arrived(id); n != 0 {
		t.Errorf("%d bytes have arrived of what was refused", n)
	}
	refused("given up by somebody else", liam.Ask("DELETE", rig.FilesPath+"/"+string(id), nil, "Tus-Resumable", "1.0.0"), 404)
	if got := mira.Ask("DELETE", rig.FilesPath+"/"+string(id), nil, "Tus-Resumable", "1.0.0"); got.Status != http.StatusNoContent {
		t.Errorf("given up: %d %s", got.Status, got.Body)
	}
	refused("after it was given up", mira.Bring(id, 0, bytes.NewReader(make([]byte, 1000))), 404)

	content := rig.Bytes(1000, "one")
	wrong := begin(1000, sumOf(rig.Bytes(1000, "other")))
	refused("others than announced", mira.Bring(wrong, 0, bytes.NewReader(content)), 400)
	if n := mira.Arrived(wrong); n != -1 {
		t.Errorf("%d bytes are kept of a file that is not the one announced", n)
	}
	if got := mira.Bring(begin(1000, sumOf(content)), 0, bytes.NewReader(content)); got.Status != http.StatusNoContent {
		t.Errorf("those announced: %d %s", got.Status, got.Body)
	}
	refused("another protocol", mira.Ask("POST", rig.FilesPath, bytes.NewReader(content), "Upload-Length", "1000"), 400)
	refused("a length that comes later", mira.Ask("POST", rig.FilesPath, nil, "Tus-Resumable", "1.0.0", "Upload-Defer-Length", "1"), 400)
	refused("another method by a header", mira.Ask("POST", rig.FilesPath, nil, "Tus-Resumable", "1.0.0", "X-HTTP-Method-Override", "DELETE"), 400)
}

// TestFiles_nobodyWithoutTheRight (A12, E1, E7): a file is read by who may read its message, by the rules of the moment; to everybody
// else, on every way, it is like one that is not there. No message gets a file that is not its author's for this conversation.
func TestFiles_nobodyWithoutTheRight(t *testing.T) {
	s := rig.Start(t)
	ines, mira, liam, amparo, renata, tomas := s.As("ines"), s.As("mira"), s.As("liam"), s.As("amparo"), s.As("renata"), s.As("tomas")
	content := rig.Bytes(3000, "rights")
	talk := s.Direct("mira", "liam")
	id := mira.SendFile(talk, "plan.pdf", content)
	theirs := liam.SendFile(s.Direct("liam", "amparo"), "else.pdf", content)
	mine := mira.SendFile(talk, "mine.pdf", content)
	half := rig.NewFile{ID: chat.NewFileID(), In: talk, Name: "half.pdf", Size: 3000}
	mira.Announce(half)
	mira.Bring(half.ID, 0, bytes.NewReader(content[:1000]))

	none := answered(t, mira, chat.MessagePost, mira.WithFiles("liam", "x", chat.NewFileID()))
	if !strings.Contains(none, string(chat.CodeUnknown)) {
		t.Errorf("a message with a file that is not there: %s", none)
	}
	for what, args := range map[string]chat.MessagePostArgs{"another's": mira.WithFiles("liam", "x", theirs), "unfinished": mira.WithFiles("liam", "x", half.ID)} {
		if got := answered(t, mira, chat.MessagePost, args); got != none {
			t.Errorf("%s file: %s, and without: %s", what, got, none)
		}
	}
	elsewhere := liam.WithFiles("mira", "x", theirs)
	if got := answered(t, liam, chat.MessagePost, elsewhere); got != none {
		t.Errorf("one's own file for another conversation: %s", got)
	}
	if got := answered(t, mira, chat.MessagePost, mira.WithFiles("liam", "x", mine, mine)); !strings.Contains(got, string(chat.CodeInvalid)) {
		t.Errorf("a file twice: %s", got)
	}
	hidden(t, mira, mine, "after its message was refused")

	mira.Do(chat.MessagePost, mira.WithFiles("liam", "the plan", id), nil)
	liam.ExpectText("the plan")
	readable(t, liam, id, content)
	readable(t, mira, id, content)
	for _, who := range []*rig.Actor{amparo, renata, tomas, ines} {
		hidden(t, who, id, "to who takes no part")
	}

	room := gather(liam, "Plans", amparo, renata)
	shared := liam.SendFile(room, "shared.pdf", content)
	post := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, FileIDs: []chat.FileID{shared}}
	liam.Do(chat.MessagePost, post, nil)
	readable(t, renata, shared, content)
	renata.Do(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room}, nil)
	hidden(t, renata, shared, "after leaving the room")
	readable(t, amparo, shared, content)

	between := s.Direct("tomas", "mira")
	updateSettings(ines, "mira", true, func(m *chat.MessagingSettings) { m.Start, m.Scope, m.Targets = true, chat.StartEveryone, []string{} })
	behind := mira.SendFile(between, "wall.pdf", content)
	mira.Do(chat.MessagePost, mira.WithFiles("tomas", "", behind), nil)
	readable(t, tomas, behind, content)
	south := rig.South
	updateUser(ines, "tomas", func(u *chat.UserUpdateArgs) { u.Group = &south })
	hidden(t, tomas, behind, "behind a wall that has risen")
	hidden(t, mira, behind, "behind a wall that has risen")

	if got := liam.Ask("POST", "/v1/sign-out", nil); got.Status != http.StatusNoContent {
		t.Fatalf("signed out: %d", got.Status)
	}
	if got := liam.ReadFile(id); got.Status != http.StatusUnauthorized || bytes.Contains(got.Body, content[:20]) {
		t.Errorf("after signing out: %d", got.Status)
	}
}

// TestFiles_servedHarmlessly (E2, E3, E4, E8): what a page could run or a program open is only saved, under a name that means nothing to
// a file system; pictures are shown by what they are, not by what they are called.
func TestFiles_servedHarmlessly(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	talk := s.Direct("mira", "liam")
	picture := pngOf(t, 30, 20)
	for _, c := range []struct {
		name      string
		content   []byte
		wantName  string
		wantType  string
		wantShown bool
	}{
		{"page.html", []byte("<!doctype html><script>alert(1)</script>"), "page.html", "text/html", false},
		{"drawing.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "drawing.svg", "image/svg+xml", false},
		{"photo.png", []byte("MZ\x90\x00 a program"), "photo.png", "application/vnd.microsoft.portable-executable", false},
		{"photo.exe", picture, "photo.exe.png", "image/png", true},
		{"photo.PNG", picture, "photo.PNG", "image/png", true},
		{"../../etc/passwd", []byte("words"), "passwd", "text/plain", false},
		{`C:\\Windows\\system32\\con`, []byte("words"), "_con", "text/plain", false},
		{"invoice\u202egnp.exe", []byte("words"), "invoicegnp.exe", "text/plain", false},
		{"stream.txt:hidden.exe. . ", []byte("words"), "stream.txt_hidden.exe", "text/plain", false},
		{"quote\"s\r\nX-Evil: 1.txt", []byte("words"), "quote_sX-Evil_ 1.txt", "text/plain", false},
		{"", []byte{}, "file", "text/plain", false},
	} {
		id := mira.SendFile(talk, c.name, c.content)
		m := mira.WithFiles("liam", "", id)
		mira.Do(chat.MessagePost, m, nil)
		a := toldMessage(liam, m.ID).Attachments[0]
		if a.Name != c.wantName || a.Type != c.wantType {
			t.Errorf("%q is told as %q, %s; want %q, %s", c.name, a.Name, a.Type, c.wantName, c.wantType)
		}
		got := liam.ReadFile(id)
		h := got.Header
		if got.Status != http.StatusOK || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Evil") != "" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%q: %d %v", c.name, got.Status, h)
		}
		wantType, wantWay := "application/octet-stream", "attachment; "
		if c.wantShown {
			wantType, wantWay = c.wantType, "inline; "
			if a.Width != 30 || a.Height != 20 {
				t.Errorf("%q is %d by %d", c.name, a.Width, a.Height)
			}
		}
		if h.Get("Content-Type") != wantType || !strings.HasPrefix(h.Get("Content-Disposition"), wantWay) {
			t.Errorf("%q: %s, %s", c.name, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		if saved := liam.Ask("GET", rig.FilesPath+"/"+string(id)+"?save=1", nil); !strings.HasPrefix(saved.Header.Get("Content-Disposition"), "attachment; ") {
			t.Errorf("%q to be saved: %s", c.name, saved.Header.Get("Content-Disposition"))
		}
	}
	id := mira.SendFile(talk, "ranges.bin", rig.Bytes(100_000, "ranges"))
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "", id), nil)
	many := "bytes=0-0" + strings.Repeat(",5-9", 2000)
	if got := liam.ReadFile(id, "Range", many); got.Status != http.StatusOK || len(got.Body) != 100_000 {
		t.Errorf("thousands of ranges: %d, %d bytes", got.Status, len(got.Body))
	}
	if got := liam.ReadFile(id, "Range", "bytes=90-10"); got.Status != http.StatusOK && got.Status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range that goes back: %d", got.Status)
	}
}

// TestFiles_transcript (A10): who may read a conversation's transcript reads its files, and each time stands in the audit log; who may
// not is told of none.
func TestFiles_transcript(t *testing.T) {
	s := rig.Start(t)
	ines, mira, renata, stellan := s.As("ines"), s.As("mira"), s.As("renata"), s.As("stellan")
	content := rig.Bytes(2000, "watched")
	id := mira.SendFile(s.Direct("mira", "liam"), "case.txt", content)
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "", id), nil)
	hidden(t, renata, id, "before she may read transcripts")
	watchedBy(ines, "mira", renata.ID)
	readable(t, renata, id, content)
	hidden(t, stellan, id, "of a group that is not his to watch")
	var log chat.AuditListAnswer
	ines.Do(chat.AuditList, chat.AuditListArgs{Limit: 10, Command: chat.TranscriptLoad}, &log)
	if len(log.Entries) != 1 || log.Entries[0].ByID != renata.ID || !strings.Contains(string(log.Entries[0].Changes[0].To), `"fromN":1`) {
		t.Errorf("the audit log says %+v", log.Entries)
	}
}

// TestFiles_killed (P14, F23): the server's program is killed while bytes come, after the last one, and after the message: what has
// arrived stays, no byte comes twice, and the file of a posted message is there.
func TestFiles_killed(t *testing.T) {
	p := rig.NewProcess(t)
	mira, liam := p.Absent("mira", p.URL), p.Absent("liam", p.URL)
	mira.Connect()
	content := rig.Bytes(12_000_000, "killed")
	f := rig.NewFile{ID: chat.NewFileID(), In: p.Direct("mira", "liam"), Name: "long.txt", Size: int64(len(content)), SHA256: sumOf(content)}
	if got := mira.Announce(f); got.Status != http.StatusCreated {
		t.Fatalf("announced: %d %s", got.Status, got.Body)
	}
	again := int64(0)
	for i, at := 0, int64(0); at < f.Size; i++ {
		portion := content[at:min(at+2_000_000, f.Size)]
		if i%2 == 1 { // every second one is cut where it is half sent
			body := &killing{from: bytes.NewReader(portion), after: int64(len(portion) / 2), kill: p.Kill}
			if got, err := mira.TryBring(f.ID, at, body); err == nil {
				t.Fatalf("a request to a killed program was answered %d %s", got.Status, got.Body)
			}
			p.Start()
			now := mira.Arrived(f.ID)
			if now < at {
				t.Fatalf("%d bytes were there, and %d are after a kill", at, now)
			}
			again += body.sent - (now - at)
			at = now
			continue
		}
		if got := mira.Bring(f.ID, at, bytes.NewReader(portion)); got.Status != http.StatusNoContent {
			t.Fatalf("at %d: %d %s", at, got.Status, got.Body)
		}
		at += int64(len(portion))
	}
	p.Kill()
	p.Start()
	mira.Connect()
	m := mira.WithFiles("liam", "", f.ID)
	mira.Do(chat.MessagePost, m, nil)
	p.Kill()
	p.Start()
	mira.Connect()
	mira.Do(chat.MessagePost, m, nil)
	liam.Connect()
	readable(t, liam, f.ID, content)
	t.Logf("%d bytes of %d were sent twice", again, f.Size)
}

// killing is a body that has the server killed when so many bytes of it were taken.
type killing struct {
	from        io.Reader
	after, sent int64
	kill        func()
}

// Read implements io.Reader.
func (k *killing) Read(b []byte) (int, error) {
	if k.after <= k.sent && k.kill != nil {
		k.kill()
		k.kill = nil
	}
	n, err := k.from.Read(b[:min(len(b), 64<<10)])
	k.sent += int64(n)
	return n, err
}

func asRefusal(err error, to **chat.Error) bool { return errors.As(err, to) }
