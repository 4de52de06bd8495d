package replica_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/rig"
)

// desk is a desktop's replica that can be started again on its profile.
type desk struct {
	*replica.Replica
	t             *testing.T
	profile, keys string
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, profile: t.TempDir(), keys: t.TempDir()}
	d.start()
	t.Cleanup(d.stop)
	return d
}

func (d *desk) start() {
	d.t.Helper()
	r, err := replica.Open(d.t.Context(), replica.Config{Profile: d.profile, Origins: []string{"wails://wails"}, Keys: replica.FileKeys(d.keys),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		d.t.Fatal(err)
	}
	d.Replica = r
}

func (d *desk) stop() {
	d.t.Helper()
	if d.Replica == nil {
		return
	}
	if err := d.Close(); err != nil {
		d.t.Error(err)
	}
	d.Replica = nil
}

// ask sends a request to the listener, as the window's page does; headers are names and values in turn, and an empty value takes one
// away.
func (d *desk) ask(method, path string, body []byte, headers ...string) (int, http.Header, []byte) {
	d.t.Helper()
	url, token := d.Endpoint()
	base := "http" + strings.TrimSuffix(strings.TrimPrefix(url, "ws"), "/v1/socket")
	q, err := http.NewRequestWithContext(d.t.Context(), method, base+path, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	q.Header.Set("Origin", "wails://wails")
	q.Header.Set("Authorization", "Bearer "+token)
	q.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Del(headers[i])
		if headers[i+1] != "" {
			q.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, raw
}

// hand gives a whole file to the replica.
func (d *desk) hand(in chat.ConversationID, name string, content []byte) chat.FileID {
	d.t.Helper()
	id := chat.NewFileID()
	pair := func(key, value string) string { return key + " " + base64.StdEncoding.EncodeToString([]byte(value)) }
	meta := strings.Join([]string{pair("id", string(id)), pair("conversationId", string(in)), pair("name", name)}, ",")
	if status, _, body := d.ask("POST", rig.FilesPath, nil, "Upload-Length", strconv.Itoa(len(content)), "Upload-Metadata", meta); status != http.StatusCreated {
		d.t.Fatalf("announced: %d %s", status, body)
	}
	status, _, body := d.ask("PATCH", rig.FilesPath+"/"+string(id), content, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	if status != http.StatusNoContent {
		d.t.Fatalf("handed over: %d %s", status, body)
	}
	return id
}

// TestFiles_queuedOfflineAndSentThroughACut (P14, F23): a file that is attached without a connection survives the desktop's restart, goes
// out when the connection is back, though it is cut on the way, holds up no other message, and leaves nothing on this computer.
func TestFiles_queuedOfflineAndSentThroughACut(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	d := newDesk(t)
	if err := d.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: proxy.URL, Name: "mira", Password: rig.PasswordOf("mira")}); err != nil {
		t.Fatal(err)
	}
	page, _ := openPage(t, d.Replica)
	caughtUp(t, page)
	liam, with := s.As("liam"), s.Direct("mira", "liam")

	proxy.Refuse()
	content := rig.Bytes(9_000_000, "offline")
	id := d.hand(with, "film.txt", content)
	m := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, FileIDs: []chat.FileID{id}}
	var answer chat.MessagePostAnswer
	do(t, page, chat.MessagePost, m, &answer)
	if !answer.Waiting {
		t.Errorf("it does not wait: %+v", answer)
	}
	d.stop()
	d.start()
	page, snapshot := openPage(t, d.Replica)
	if len(snapshot.Outbox) != 1 || len(snapshot.Outbox[0].Files) != 1 || snapshot.Outbox[0].Files[0].Name != "film.txt" {
		t.Fatalf("after a restart the outbox holds %+v", snapshot.Outbox)
	}
	do(t, page, chat.MessagePost, m, nil) // the page may say it again
	proxy.Heal()
	proxy.CutAfter(rig.Up, 2_500_000) // in the second portion
	do(t, page, chat.ReplicaRetry, struct{}{}, nil)
	liam.Expect("the film", func(e chat.Event) bool {
		return e.Message != nil && e.Message.ID == m.ID && len(e.Message.Attachments) == 1 && e.Message.Attachments[0].Size == int64(len(content))
	})
	if got := liam.ReadFile(id); !bytes.Equal(got.Body, content) {
		t.Errorf("liam reads %d, %d bytes", got.Status, len(got.Body))
	}
	caughtUp(t, page)
	d.stop()
	for _, folder := range []string{"arriving", "kept"} {
		left, err := os.ReadDir(filepath.Join(d.profile, "files", folder))
		if err != nil || len(left) > 0 {
			t.Errorf("%s holds %d files: %v", folder, len(left), err)
		}
	}
}

// TestFiles_listenerAdmitsItsPageAlone (G6): files pass the same checks as the socket; what cannot show the token needs the ticket of that
// one file.
func TestFiles_listenerAdmitsItsPageAlone(t *testing.T) {
	s := rig.Start(t)
	d := newDesk(t)
	if err := d.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: s.URL, Name: "mira", Password: rig.PasswordOf("mira")}); err != nil {
		t.Fatal(err)
	}
	page, _ := openPage(t, d.Replica)
	caughtUp(t, page)
	liam, with := s.As("liam"), s.Direct("mira", "liam")
	content := rig.Bytes(40_000, "ticket")
	id := liam.SendFile(with, "plan.txt", content)
	other := liam.SendFile(with, "other.txt", content)
	liam.Do(chat.MessagePost, liam.WithFiles("mira", "", id, other), nil)
	caughtUp(t, page)
	var ticket chat.FileTicketAnswer
	do(t, page, chat.FileTicket, chat.FileTicketArgs{ID: id}, &ticket)
	at := func(id chat.FileID, ticket string) string {
		return rig.FilesPath + "/" + string(id) + "?ticket=" + ticket
	}
	status, header, body := d.ask("GET", at(id, ticket.Ticket), nil, "Authorization", "", "Origin", "", "Range", "bytes=100-199")
	if status != http.StatusPartialContent || !bytes.Equal(body, content[100:200]) || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("with its ticket: %d, %d bytes, %v", status, len(body), header)
	}
	_, token := d.Endpoint()
	for what, r := range map[string]struct {
		method, path string
		headers      []string
	}{
		"without a ticket":          {"GET", at(id, ""), nil},
		"by the launch's token":     {"GET", at(id, token), nil},
		"another file's ticket":     {"GET", at(other, ticket.Ticket), nil},
		"a foreign page":            {"GET", at(id, ticket.Ticket), []string{"Origin", "https://example.com"}},
		"an upload without a token": {"POST", rig.FilesPath, []string{"Authorization", ""}},
		"with another token":        {"POST", rig.FilesPath, []string{"Authorization", "Bearer " + strings.Repeat("x", 43)}},
		"with a ticket":             {"POST", rig.FilesPath, []string{"Authorization", "Bearer " + ticket.Ticket}},
		"from a foreign page":       {"POST", rig.FilesPath, []string{"Origin", "https://example.com"}},
		"from no page":              {"POST", rig.FilesPath, []string{"Origin", ""}},
		"a foreign preflight":       {"OPTIONS", rig.FilesPath, []string{"Origin", "https://example.com"}},
	} {
		if status, header, body := d.ask(r.method, r.path, nil, r.headers...); status != http.StatusForbidden || string(body) != "refused\n" || strings.Contains(header.Get("Access-Control-Allow-Origin"), "example") {
			t.Errorf("%s: %d %s %v", what, status, body, header)
		}
	}
	if status, header, _ := d.ask("OPTIONS", rig.FilesPath, nil, "Authorization", ""); status != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != "wails://wails" {
		t.Errorf("the page's own preflight: %d %v", status, header)
	}
	do(t, page, chat.ReplicaSignOut, struct{}{}, nil)
	if status, _, _ := d.ask("GET", at(id, ticket.Ticket), nil); status != http.StatusForbidden {
		t.Errorf("a ticket after signing out: %d", status)
	}
}

// TestFiles_ofTemplates: a template's file goes through the replica to the hub at once, nothing of it stays here; a message that waits
// for a connection names it, and has it when it is posted.
func TestFiles_ofTemplates(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	d := newDesk(t)
	if err := d.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: proxy.URL, Name: "ines", Password: rig.PasswordOf("ines")}); err != nil {
		t.Fatal(err)
	}
	page, _ := openPage(t, d.Replica)
	caughtUp(t, page)
	id := chat.TemplateID(chat.NewUUID())
	content := rig.Bytes(30_000, "terms")
	file := d.hand(id.FilesAt(), "terms.txt", content)
	if status, header, _ := d.ask("HEAD", rig.FilesPath+"/"+string(file), nil); status != http.StatusOK || header.Get("Upload-Offset") != "30000" {
		t.Errorf("it has come as far as %d %v", status, header)
	}
	do(t, page, chat.TemplateCreate, chat.TemplateCreateArgs{ID: id, Content: chat.TemplateContent{Name: "Terms", Text: "Our terms", FileIDs: []chat.FileID{file}}}, nil)
	caughtUp(t, page)

	proxy.Refuse()
	m := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct("ines", "liam"), Text: "As promised", TemplateFileIDs: []chat.FileID{file}}
	do(t, page, chat.MessagePost, m, nil)
	d.stop()
	d.start()
	page, snapshot := openPage(t, d.Replica)
	if len(snapshot.Templates) != 1 || len(snapshot.Templates[0].Attachments) != 1 {
		t.Errorf("without a connection there are the templates %+v", snapshot.Templates)
	}
	liam := s.As("liam")
	proxy.Heal()
	do(t, page, chat.ReplicaRetry, struct{}{}, nil)
	var told chat.Attachment
	liam.Expect("the terms", func(e chat.Event) bool {
		if e.Message == nil || e.Message.ID != m.ID || len(e.Message.Attachments) != 1 {
			return false
		}
		told = e.Message.Attachments[0]
		return true
	})
	if got := liam.ReadFile(told.ID); !bytes.Equal(got.Body, content) {
		t.Errorf("liam reads %d, %d bytes", got.Status, len(got.Body))
	}
}

// TestFiles_picturesWithoutAConnection: a picture that was shown is there without the hub, also after a start, and goes with its message; one
// that was never shown is not, nor is a part of one.
func TestFiles_picturesWithoutAConnection(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	liam, with := s.As("liam"), s.Direct("mira", "liam")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 60, 40))); err != nil {
		t.Fatal(err)
	}
	seen, unseen := liam.SendFile(with, "seen.png", b.Bytes()), liam.SendFile(with, "unseen.png", b.Bytes())
	m := liam.WithFiles("mira", "look", seen, unseen)
	liam.Do(chat.MessagePost, m, nil)
	d := newDesk(t)
	if err := d.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: proxy.URL, Name: "mira", Password: rig.PasswordOf("mira")}); err != nil {
		t.Fatal(err)
	}
	page, _ := openPage(t, d.Replica)
	caughtUp(t, page)
	look := func(id chat.FileID, headers ...string) (int, []byte) {
		t.Helper()
		var ticket chat.FileTicketAnswer
		do(t, page, chat.FileTicket, chat.FileTicketArgs{ID: id}, &ticket)
		status, _, body := d.ask("GET", rig.FilesPath+"/"+string(id)+"?ticket="+ticket.Ticket, nil, headers...)
		return status, body
	}
	if status, body := look(seen); status != http.StatusOK || !bytes.Equal(body, b.Bytes()) {
		t.Fatalf("online: %d, %d bytes", status, len(body))
	}

	proxy.Refuse()
	for _, when := range []string{"offline", "after a start"} {
		if status, body := look(seen); status != http.StatusOK || !bytes.Equal(body, b.Bytes()) {
			t.Errorf("%s: %d, %d bytes", when, status, len(body))
		}
		if status, _ := look(unseen); status != http.StatusServiceUnavailable {
			t.Errorf("%s, one that was never shown: %d", when, status)
		}
		if status, _ := look(seen, "Range", "bytes=0-9"); status != http.StatusServiceUnavailable {
			t.Errorf("%s, a part of it: %d", when, status)
		}
		d.stop()
		d.start()
		page, _ = openPage(t, d.Replica)
	}

	proxy.Heal()
	do(t, page, chat.ReplicaRetry, struct{}{}, nil)
	liam.Do(chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: with, ID: m.ID}, nil)
	caughtUp(t, page)
	proxy.Refuse()
	if status, _ := look(seen); status != http.StatusServiceUnavailable {
		t.Errorf("after its message was deleted: %d", status)
	}
}
