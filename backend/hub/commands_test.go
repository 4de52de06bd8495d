package hub

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/store"
)

func TestHandlers_areChatsCommands(t *testing.T) {
	for name := range chat.Commands {
		if handlers[name] == nil {
			t.Errorf("%s has no handler", name)
		}
	}
	for name := range handlers {
		if _, ok := chat.Commands[name]; !ok {
			t.Errorf("%s is no command", name)
		}
	}
}

func TestDo_withoutSession(t *testing.T) {
	r := newRig(t)
	ana := r.signIn("ana")
	for name := range chat.Commands {
		for what, a := range map[string]Actor{
			"nobody":               {},
			"a session of another": {UserID: r.users["ada"], SessionID: ana.SessionID},
			"no such session":      {UserID: ana.UserID, SessionID: "x"},
		} {
			if err := r.do(a, name, struct{}{}, nil); chat.AsError(err).Code != chat.CodeSignedOut {
				t.Errorf("%s by %s: %v", name, what, err)
			}
		}
	}
}

func TestDo_configureIsForAdministrators(t *testing.T) {
	r := newRig(t)
	refusal := map[bool]chat.Rule{true: chat.RuleNotAdministrator, false: chat.RuleNoGrant}
	for _, name := range []string{"ana", "sue", "max"} {
		a := r.signIn(name)
		for command, act := range chat.Commands {
			if !act.Administers() {
				continue
			}
			args := map[chat.CommandName]any{
				chat.UserAdd:         chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleAgent, Password: password},
				chat.UserSetPassword: chat.UserSetPasswordArgs{UserID: r.users["ben"], Password: password},
			}[command]
			if err := chat.AsError(r.do(a, command, args, nil)); err.Code != chat.CodeDenied || err.Refusal.Rule != refusal[act == chat.ActConfigure] {
				t.Errorf("IM-7, SET-3: %s by %s: %v", command, name, err)
			}
		}
	}
	r.must(r.signIn("ada"), chat.UserList, nil, nil)
}

func TestDo_consoleOnlyConfigures(t *testing.T) {
	r := newRig(t)
	for name, act := range chat.Commands {
		err := r.do(Console, name, nil, nil)
		if !act.Administers() && act != chat.ActConnect && chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s by the console: %v", name, err)
		}
	}
}

func TestDo_unknownAndMalformed(t *testing.T) {
	r := newRig(t)
	c := r.connect("max")
	if err := c.ask("message.unpost", struct{}{}, nil); err == nil || err.Code != chat.CodeUnknown {
		t.Errorf("an unknown command: %v", err)
	}
	if err := c.ask(chat.Hello, struct{}{}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("a second hello: %v", err)
	}
	for name := range chat.Commands {
		if name == chat.Ping || name == chat.Hello || name == chat.SessionList || name == chat.FactorShow || name == chat.PushUnsubscribe || chat.Commands[name].Administers() {
			continue
		}
		for _, args := range []string{`[]`, `"x"`, `{"n":"x","limit":"x","id":1,"state":1,"old":1,"conversationId":1,"sessionId":1,"all":1,"idle":1,"reminder":1,"code":1,"password":1}`} {
			if err := c.ask(name, json.RawMessage(args), nil); err == nil || err.Code != chat.CodeInvalid {
				t.Errorf("%s with %s: %v", name, args, err)
			}
		}
		if err := c.ask(name, json.RawMessage(`null`), nil); err == nil && name != chat.TypingSet && name != chat.IdleSet && name != chat.RequestList {
			t.Errorf("%s with null is allowed", name)
		}
	}
}

// TestEncodeMessage_isJSON compares the hand-made encoding with what a decoder reads.
func TestEncodeMessage_isJSON(t *testing.T) {
	c, f := &conversation{id: "d.a.b"}, &facts{ids: []chat.UserID{"", "ana", "max"}}
	rapid.Check(t, func(t *rapid.T) {
		m := store.Message{ID: chat.NewMessageID(), N: rapid.Int64Min(1).Draw(t, "n"), UserKey: 1, At: 7, Text: rapid.String().Draw(t, "text")}
		if rapid.Bool().Draw(t, "rich") {
			m.Document = []byte(`{"type":"doc"}`)
		}
		if rapid.Bool().Draw(t, "changed") {
			m.Revision, m.EditedAt, m.DeletedAt = 2, 8, 9
		}
		if rapid.Bool().Draw(t, "quotes") {
			m.ReplyToID, m.ReplyToN, m.Mentions = chat.NewMessageID(), 3, []store.UserKey{2}
		}
		if rapid.Bool().Draw(t, "reacted") {
			m.Reactions = []store.Reaction{{Emoji: "👍", Users: []store.UserKey{2, 1}}}
		}
		var e chat.Event
		if err := json.Unmarshal(f.encodeMessage(chat.MessageEdited, c, &m), &e); err != nil {
			t.Fatal(err)
		}
		if want := f.message(c, &m); e.Type != chat.MessageEdited || !reflect.DeepEqual(*e.Message, want) {
			t.Fatalf("decoded %+v, want %+v", e.Message, want)
		}
	})
}

func TestCursor_isSealed(t *testing.T) {
	seal := func(user chat.UserID, epoch string) *sealer {
		s, err := newSealer([]byte("secret"), []byte(epoch), user, 5)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := seal("a", "one")
	words := map[chat.Cursor]bool{}
	for _, place := range []struct{ seq, rights int64 }{{0, 0}, {1, 0}, {1, 1}, {1 << 39, 1<<40 - 1}, {1 << 39, 1<<40 - 1}} {
		word := a.seal(place.seq, place.rights)
		if len(word) != 22 || words[word] {
			t.Errorf("%+v is told as %q", place, word)
		}
		words[word] = true
		if seq, rights, ok := a.open(word); !ok || seq != place.seq || rights != place.rights {
			t.Errorf("%+v is read as %d, %d, %v", place, seq, rights, ok)
		}
		for what, other := range map[string]*sealer{"another user": seal("b", "one"), "another log": seal("a", "two")} {
			if _, _, ok := other.open(word); ok {
				t.Errorf("the cursor is good for %s", what)
			}
		}
	}
	for _, word := range []chat.Cursor{"", "x", "AAAAAAAAAAAAAAAAAAAAAA", "!!!!!!!!!!!!!!!!!!!!!!"} {
		if _, _, ok := a.open(word); ok {
			t.Errorf("%q is a cursor", word)
		}
	}
}

// TestClose_answersAndEndsFeeds closes while posts are on their way: each that was handed in is answered, then the feed ends.
func TestClose_answersAndEndsFeeds(t *testing.T) {
	r := newRig(t)
	c := r.connect("max")
	const n = 20
	for range n {
		c.send(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: "x"})
	}
	if err := r.hub.Close(); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := c.tryRead(); err != nil {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("a feed of a closed hub: %v", err)
			}
			break
		}
	}
	for re, a := range c.answers {
		if a.Err != nil {
			t.Errorf("answer %d: %v", re, a.Err)
		}
	}
	if len(c.answers) != n+2 || len(c.got) != n+1 { // hello and a barrier; the event that opened the conversation
		t.Errorf("%d answers and %d events of %d posts", len(c.answers), len(c.got), n)
	}
	if err := r.do(c.actor, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak}, nil); chat.AsError(err).Code != chat.CodeBusy {
		t.Errorf("a command to a closed hub: %v", err)
	}
	if _, err := r.hub.Connect(t.Context(), c.actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion}); !errors.Is(err, ErrClosed) {
		t.Errorf("connected to a closed hub: %v", err)
	}
}
