package replica

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/app/cache"
	"parley/backend/chat"
	"parley/backend/wire"
)

func TestHello_beforeSignInThenOnTheSameSocket(t *testing.T) {
	d := newDesk(t)
	if _, err := d.tryPage(); !isCode(err, chat.CodeSignedOut) {
		t.Fatalf("hello was answered %v", err)
	}
	ws := d.speak()
	say := func(id int64, do chat.CommandName, args any) wire.Frame {
		t.Helper()
		request := raw(t, wire.Request{ID: id, Do: do, Args: raw(t, args)})
		if err := ws.Write(t.Context(), 1, request); err != nil {
			t.Fatal(err)
		}
		_, data, err := ws.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f, err := wire.DecodeFrame(data)
		if err != nil || f.Re != id {
			t.Fatalf("answered %s, %v", data, err)
		}
		return f
	}
	hello := chat.HelloArgs{Protocol: chat.ProtocolVersion}
	if f := say(1, chat.Hello, hello); f.Error == nil || f.Error.Code != chat.CodeSignedOut {
		t.Errorf("hello: %+v", f)
	}
	if f := say(2, chat.SessionList, struct{}{}); f.Error == nil || f.Error.Code != chat.CodeSignedOut {
		t.Errorf("a command: %+v", f)
	}
	wrong := chat.ReplicaSignInArgs{Server: d.hub.web.URL, Name: "ana", Password: "wrong"}
	if f := say(3, chat.ReplicaSignIn, wrong); f.Error == nil || f.Error.Code != chat.CodeDenied {
		t.Errorf("a wrong password: %+v", f)
	}
	right := chat.ReplicaSignInArgs{Server: d.hub.web.URL, Name: "ana", Password: "secret ana"}
	if f := say(4, chat.ReplicaSignIn, right); f.Error != nil {
		t.Errorf("sign-in: %+v", f.Error)
	}
	if f := say(5, chat.Hello, hello); f.Error != nil || !strings.Contains(string(f.OK), `"replica":true`) {
		t.Errorf("hello again: %s %v", f.OK, f.Error)
	}
}

func isCode(err error, code chat.Code) bool {
	var told *chat.Error
	return errors.As(err, &told) && told.Code == code
}

func TestSignIn_errorsAreForPeople(t *testing.T) {
	d := newDesk(t)
	for server, want := range map[string]struct {
		code chat.Code
		text string
	}{
		"127.0.0.1:1":                {chat.CodeOffline, "cannot be reached"},
		"":                           {chat.CodeInvalid, "address"},
		"ftp://parley.example.com":   {chat.CodeInvalid, "https"},
		d.hub.web.URL + "/somewhere": {chat.CodeInvalid, "nothing after it"},
		"https" + strings.TrimPrefix(d.hub.web.URL, "http"): {chat.CodeOffline, "encrypted"},
	} {
		err := d.r.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: server, Name: "ana", Password: "secret ana"})
		if !isCode(err, want.code) || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%q: %v", server, err)
		}
	}
	d.keys.fail = errors.New("no room")
	err := d.r.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: d.hub.web.URL, Name: "ana", Password: "secret ana"})
	if !isCode(err, chat.CodeInternal) {
		t.Errorf("a key store that fails: %v", err)
	}
	d.hub.await("the session was ended again", func() bool { return len(d.hub.tokens) == 0 })
	d.keys.fail = nil
	d.signIn("ana")
	err = d.r.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: d.hub.web.URL, Name: "eva", Password: "secret eva"})
	if !isCode(err, chat.CodeConflict) {
		t.Errorf("signing in twice: %v", err)
	}
}

func TestServerAddress(t *testing.T) {
	for typed, want := range map[string]string{
		"parley.example.com":        "https://parley.example.com",
		" parley.example.com:8443 ": "https://parley.example.com:8443",
		"http://10.0.0.1:8080":      "http://10.0.0.1:8080",
		"10.0.0.1:8080":             "https://10.0.0.1:8080",
		"localhost:8080":            "http://localhost:8080",
		"127.0.0.1":                 "http://127.0.0.1",
		"[::1]:8080":                "http://[::1]:8080",
		"https://127.0.0.1:8080":    "https://127.0.0.1:8080",
	} {
		if got, err := ServerAddress(typed); got != want {
			t.Errorf("%q is %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestOffline_readsEverythingAndSaysSo(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	for range 5 {
		d.hub.says(ben, "hello")
	}
	v.shows(withBen, "hello", "hello", "hello", "hello", "hello")
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.stop()
	d.start()
	v = d.page()
	v.shows(withBen, "hello", "hello", "hello", "hello", "hello")
	v.offline()
	if v.link.NextTryAt == 0 || v.link.Server != d.hub.web.URL {
		t.Errorf("the link is %+v", v.link)
	}
	v.refused(chat.CodeOffline, chat.SessionList, struct{}{})
	v.refused(chat.CodeOffline, chat.TypingSet, chat.TypingSetArgs{ConversationID: withBen, Typing: true})
	var page chat.HistoryLoadAnswer
	v.do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, BeforeN: 4, Limit: 2}, &page)
	if len(page.Messages) != 2 || page.Messages[0].N != 2 || !page.More {
		t.Errorf("history offline: %+v", page)
	}
}

func TestHistory_fromTheHubIsKept(t *testing.T) {
	d := newDesk(t)
	for range 10 {
		d.hub.says(ben, "hello")
	}
	v := d.ready() // with a tail of 3
	load := func() (page chat.HistoryLoadAnswer, err error) {
		err = v.try(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, BeforeN: 8, Limit: 5}, &page)
		return page, err
	}
	page, err := load()
	if err != nil || len(page.Messages) != 5 || page.Messages[0].N != 3 || !page.More {
		t.Fatalf("online: %+v, %v", page, err)
	}
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	again, err := load()
	if err != nil || len(again.Messages) != 5 || !again.More {
		t.Errorf("offline: %+v, %v", again, err)
	}
	v.refused(chat.CodeOffline, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, BeforeN: 3, Limit: 5})
	v.refused(chat.CodeUnknown, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withCem, Limit: 5})
	v.refused(chat.CodeInvalid, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, Limit: chat.MaxHistoryPage + 1})
}

func TestRelay_unknownCommandsPassUnopened(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	args := map[string]any{"some": []any{1.0, "thing"}}
	var answer map[string]any
	v.do("something.new", args, &answer)
	if answer["did"] != "something.new" || !slices.Equal(answer["with"].(map[string]any)["some"].([]any), []any{1.0, "thing"}) {
		t.Errorf("answered %v", answer)
	}
}

func TestReadsAndDrafts_madeOfflineAreSentLater(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	for range 3 {
		d.hub.says(ben, "hello")
	}
	v.shows(withBen, "hello", "hello", "hello")
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	v.do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: withBen, N: 1}, nil)
	v.do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: withBen, N: 3}, nil)
	v.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withBen, Text: "a"}, nil)
	v.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withBen, Text: "ab"}, nil)
	d.restart()
	d.hub.set(func() { d.hub.refuseSockets = false })
	v = d.page()
	v.do(chat.ReplicaRetry, struct{}{}, nil)
	d.hub.await("both were sent once, as they are now", func() bool { return len(d.hub.reads) == 1 && len(d.hub.drafts) == 1 })
	if d.hub.reads[0].N != 3 || d.hub.drafts[0].Text != "ab" {
		t.Errorf("sent %v and %v", d.hub.reads, d.hub.drafts)
	}
	v.refused(chat.CodeUnknown, chat.ReadMark, chat.ReadMarkArgs{ConversationID: withCem, N: 1})
	v.refused(chat.CodeUnknown, chat.DraftSet, chat.DraftSetArgs{ConversationID: "elsewhere", Text: "x"})
}

func TestDraft_fromAnotherDeviceAndInAConversationNotBegun(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.set(func() {
		d.hub.append(chat.Event{Type: chat.DraftChanged, Draft: &chat.Draft{ConversationID: withCem, Text: "from the phone"}})
	})
	v.await("the draft is told", func() bool { return len(v.events) == 1 })
	late := d.page()
	late.await("a page that comes later is told, too", func() bool {
		return len(late.events) == 1 && late.events[0].Draft.Text == "from the phone"
	})
}

func TestSessionEnded_keepsTheCacheForTheSameUser(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "hello")
	v.shows(withBen, "hello")
	d.hub.set(func() { d.hub.judge = func(chat.MessagePostArgs, int) verdict { return silent } })
	id := v.post(withBen, "unsent")
	d.hub.set(func() { clear(d.hub.tokens) })
	d.hub.closeAll(wire.CloseSignedOut)
	<-v.client.Done()
	var end *wire.CloseError
	if !errors.As(v.client.Err(), &end) || !end.MayReturn() {
		t.Errorf("the page was closed with %v; it must come back to sign in", v.client.Err())
	}
	if _, err := d.tryPage(); !isCode(err, chat.CodeSignedOut) || !strings.Contains(err.Error(), "1 messages wait") {
		t.Errorf("hello is answered %v", err)
	}
	d.restart() // also after a restart nothing is shown
	if _, err := d.tryPage(); !isCode(err, chat.CodeSignedOut) {
		t.Errorf("after a restart hello is answered %v", err)
	}
	d.hub.set(func() { d.hub.judge = nil })
	d.signIn("ana")
	v = d.page()
	v.shows(withBen, "hello", "unsent")
	v.noOutbox()
	if last := d.hub.hellos[len(d.hub.hellos)-1]; last == "" || id == "" {
		t.Error("the same user had to start from a snapshot")
	}
}

func TestSessionEnded_anotherUserSeesNothingAndTheFirstLosesNothing(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "for Ana's eyes")
	v.shows(withBen, "for Ana's eyes")
	d.hub.set(func() { d.hub.judge = func(chat.MessagePostArgs, int) verdict { return silent } })
	v.post(withBen, "unsent of Ana")
	d.hub.set(func() { clear(d.hub.tokens) })
	d.hub.closeAll(wire.CloseSignedOut)
	<-v.client.Done()

	d.signIn("eva")
	v = d.page()
	v.online()
	if len(v.snap.Conversations) != 0 || len(v.snap.Outbox) != 0 || d.hub.hellos[len(d.hub.hellos)-1] != "" {
		t.Errorf("Eva is told %+v %+v", v.snap.Conversations, v.snap.Outbox)
	}
	v.do(chat.ReplicaSignOut, struct{}{}, nil)
	d.hub.set(func() { d.hub.judge = nil })
	d.signIn("ana")
	v = d.page()
	v.shows(withBen, "for Ana's eyes", "unsent of Ana")
}

func TestSignOut_clearsEverything(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "confidential")
	v.shows(withBen, "confidential")
	other := d.page()
	v.do(chat.ReplicaSignOut, struct{}{}, nil)
	<-other.client.Done()
	if _, err := d.tryPage(); !isCode(err, chat.CodeSignedOut) {
		t.Errorf("hello is answered %v", err)
	}
	d.hub.await("the session ended at the server", func() bool { return len(d.hub.tokens) == 0 })
	d.stop()
	if d.keys.secret != nil {
		t.Error("the token is still there")
	}
	err := filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "confidential") {
			t.Errorf("%s holds what was cleared", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOpen_secondProcess(t *testing.T) {
	d := newDesk(t)
	_, err := Open(context.Background(), d.config())
	var inUse *cache.InUseError
	if !errors.As(err, &inUse) || inUse.Running.Address != d.r.Address() {
		t.Errorf("the second start: %v", err)
	}
}

func TestOpen_damagedCacheIsLoadedAgainAndTheOutboxSent(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "hello")
	v.shows(withBen, "hello")
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	v.post(withBen, "unsent")
	d.stop()
	path := filepath.Join(d.dir, "cache.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[3] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d.hub.set(func() { d.hub.refuseSockets = false })
	d.start()
	v = d.page()
	v.shows(withBen, "hello", "unsent")
	v.online()
	if !strings.Contains(v.link.Warning, "damaged") {
		t.Errorf("nobody was told: %+v", v.link)
	}
}

func TestRun_damageWhileOpenIsSeenTo(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "hello")
	v.shows(withBen, "hello")
	// The file is spoilt under the open cache: a table that everything needs is no more.
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DROP TABLE messages"); err != nil {
		t.Fatal(err)
	}
	if err := v.try(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, Limit: 1}, nil); err == nil {
		t.Fatal("history was read from a table that is not there")
	}
	<-v.client.Done()
	v = d.page()
	v.shows(withBen, "hello")
}

func TestPresence_isForgottenOnlyAfterAWhile(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	known := func() bool { p := d.page(); return len(p.snap.Presence) == 1 }
	v.await("presence is told", func() bool {
		for _, s := range v.signals {
			if len(s.PresenceAll) == 1 {
				return true
			}
		}
		return false
	})
	if !known() {
		t.Fatal("presence is not kept for other pages")
	}
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	if !known() {
		t.Error("presence is forgotten at once")
	}
	d.clock.Advance(presenceGrace)
	if known() {
		t.Error("presence is never forgotten")
	}
	// The clock was turned past the time that a write to the open page may take, so one that was still returning may have cut it.
	cut := false
	go func() {
		<-v.client.Done()
		v.mu.Lock()
		defer v.mu.Unlock()
		cut = true
		v.changed.Broadcast()
	}()
	v.await("the open page is told that nobody is known to be there", func() bool {
		if cut {
			return true
		}
		var newest chat.Signal
		for _, s := range v.signals {
			if s.Type == chat.SignalPresenceAll {
				newest = s
			}
		}
		return newest.Type == chat.SignalPresenceAll && len(newest.PresenceAll) == 0
	})
}

func TestSignals_ofAReplicaAreNotTakenFromTheHub(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.tell(wire.Frame{Signals: []chat.Signal{
		{Type: chat.SignalAlert, Alert: &chat.Alert{ConversationID: withBen, Open: true}},
		{Type: chat.SignalLink, Link: &chat.Link{Server: "https://evil.example"}},
		{Type: chat.SignalOutboxGone, MessageID: "x"},
		{Type: chat.SignalSaving, Saving: &chat.Saving{Name: "x"}},
		{Type: chat.SignalTyping, ConversationID: withBen, UserID: ben, Typing: true}}})
	v.await("typing is told", func() bool { return last(v.signals).Type == chat.SignalTyping })
	for _, s := range v.signals {
		if s.Type == chat.SignalAlert || s.Type == chat.SignalOutboxGone || s.Type == chat.SignalSaving || s.Link != nil && s.Link.Server != d.hub.web.URL {
			t.Errorf("passed on: %+v", s)
		}
	}
}

func TestAttention_toastSoundBadgeAndQuiet(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	toasts := func(want ...string) {
		t.Helper()
		awaitCond(t, d.shown.changed, strings.Join(want, ", "), func() bool { return slices.Equal(d.shown.toasts, want) })
	}
	sounds := func() (n int) {
		for _, s := range v.signals {
			if s.Type == chat.SignalAlert && s.Alert.Sound {
				n++
			}
		}
		return n
	}
	d.hub.says(ben, "hello")
	toasts("Ben Berg: hello")
	v.await("the sound is played", func() bool { return sounds() == 1 })
	awaitCond(t, d.shown.changed, "the badge", func() bool { return d.shown.badge == 1 })

	d.hub.says(ben, "two")
	d.hub.says(ben, "three")
	v.shows(withBen, "hello", "two", "three")
	d.clock.Advance(5 * time.Second)
	toasts("Ben Berg: hello", "Ben Berg: 2 new messages: three")

	// Read on another device: the toast goes, the badge falls.
	d.hub.set(func() {
		d.hub.append(chat.Event{Type: chat.ReadMarked, Read: &chat.ReadMarkArgs{ConversationID: withBen, N: 3}})
	})
	awaitCond(t, d.shown.changed, "the toast is cleared", func() bool { return slices.Equal(d.shown.cleared, []chat.ConversationID{withBen}) })
	awaitCond(t, d.shown.changed, "the badge falls", func() bool { return d.shown.badge == 0 })

	// What is looked at does not disturb.
	v.do(chat.AttentionLook, chat.AttentionLookArgs{ConversationID: withBen}, nil)
	d.hub.says(ben, "four")
	v.shows(withBen, "hello", "two", "three", "four")
	v.do(chat.AttentionLook, chat.AttentionLookArgs{}, nil)
	d.hub.says(cem, "psst")
	toasts("Ben Berg: hello", "Ben Berg: 2 new messages: three", "Cem Can: psst")

	d.r.OpenConversation(withCem)
	v.await("the page is asked to show it", func() bool {
		newest := last(v.signals)
		return newest.Type == chat.SignalAlert && newest.Alert.Open && newest.Alert.ConversationID == withCem
	})
}

func TestKeyFile_keepsTheSessionForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	keys := FileKeys(dir)
	if _, _, err := keys.Load(); !errors.Is(err, ErrNoSecret) {
		t.Errorf("an empty profile: %v", err)
	}
	secret := Secret{Server: "https://parley.example.com", Name: "ana", UserID: ana, SessionID: "s", Token: "very secret"}
	warning, err := keys.Store(secret)
	if err != nil || warning == "" {
		t.Errorf("stored with %q, %v", warning, err)
	}
	info, err := os.Stat(filepath.Join(dir, tokenName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if got, _, err := keys.Load(); err != nil || got != secret {
		t.Errorf("loaded %v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, tokenName), []byte(`{"tok`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := keys.Load(); !errors.Is(err, ErrNoSecret) {
		t.Errorf("a half-written file: %v", err)
	}
	if err := errors.Join(keys.Delete(), keys.Delete()); err != nil {
		t.Errorf("delete: %v", err)
	}
}

func TestSecret_staysOutOfLogs(t *testing.T) {
	text := Secret{Name: "ana", Server: "https://parley.example.com", Token: "very secret"}.LogValue().String()
	if strings.Contains(text, "very secret") {
		t.Errorf("logged as %s", text)
	}
}
