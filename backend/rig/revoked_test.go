package rig_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// TestOrganisationOff_nothingCommitsAfterIt (A6): a hundred sockets write at once while messaging is switched off. Whatever is sent
// after that was answered is refused with the reason; what was answered before is there, and nothing else.
func TestOrganisationOff_nothingCommitsAfterIt(t *testing.T) {
	s := rig.Start(t)
	ines, liam := s.As("ines"), s.As("liam")
	pairs := [][2]string{{"liam", "mira"}, {"amparo", "tomas"}, {"renata", "ruben"}, {"stellan", "una"}, {"odile", "yuki"}}
	var writers []*rig.Actor
	for i := range 100 {
		writers = append(writers, s.As(pairs[i%len(pairs)][0]))
	}
	begin, off := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	var mu sync.Mutex
	kept := map[string]int{} // by whom it is from
	for i, a := range writers {
		all.Go(func() {
			<-begin
			for n := range 4 {
				if n == 2 { // two before the answer to the switch, or while it is on its way; two after it
					<-off
				}
				err := a.Try(chat.MessagePost, a.Message(pairs[i%len(pairs)][1], fmt.Sprint(i, " ", n)), nil)
				var refusal *chat.Error
				switch {
				case err == nil && n >= 2:
					t.Errorf("socket %d wrote after messaging was off", i)
				case err == nil:
					mu.Lock()
					kept[a.Name]++
					mu.Unlock()
				case !errors.As(err, &refusal) || refusal.Refusal == nil || refusal.Refusal.Rule != chat.RuleMessagingOff:
					t.Errorf("socket %d: %v", i, err)
				}
			}
		})
	}
	close(begin)
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = false })
	close(off)
	all.Wait()
	for _, p := range pairs {
		if got := len(s.As(p[0]).History(p[1])); got != kept[p[0]] {
			t.Errorf("of %s %d messages are there, %d were answered", p[0], got, kept[p[0]])
		}
	}
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = true })
	liam.Post("mira", "the twin") // who may write again
}

// TestGroup_neverTwo (A9): two administrators move an agent at once. One is told that somebody changed it meanwhile, and the agent is
// in one group.
func TestGroup_neverTwo(t *testing.T) {
	s := rig.Start(t)
	ines, odile, mira := s.As("ines"), s.As("odile"), s.As("mira")
	for round := range 10 {
		r := record(ines, "ruben")
		var both sync.WaitGroup
		done := make([]error, 2)
		for i, group := range []string{rig.South, "East"} {
			both.Go(func() {
				args := chat.UserUpdateArgs{UserID: r.User.ID, Revision: r.Revision, Group: &group}
				done[i] = []*rig.Actor{ines, odile}[i].Try(chat.UserUpdate, args, nil)
			})
		}
		both.Wait()
		var refusal *chat.Error
		if (done[0] == nil) == (done[1] == nil) || !errors.As(errors.Join(done...), &refusal) || refusal.Code != chat.CodeConflict {
			t.Fatalf("round %d: %v and %v", round, done[0], done[1])
		}
		want := map[bool]string{true: rig.South, false: "East"}[done[0] == nil]
		if got := record(ines, "ruben").Group; got == nil || got.Name != want {
			t.Errorf("round %d: he is in %+v, want %s", round, got, want)
		}
		mira.Barrier()
		if _, knows := mira.World().People[s.ID("ruben")]; knows {
			t.Errorf("round %d: mira still knows him", round)
		}
		updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.North) }) // the twin: alone
	}
}

// TestTranscripts_followTheRule (A10): what a supervisor may read and follow is what the rule of the agent's present group names them
// for, also of somebody whose account is deactivated; live, in the list, and page by page.
func TestTranscripts_followTheRule(t *testing.T) {
	s := rig.Start(t)
	ines, renata, liam := s.As("ines"), s.As("renata"), s.As("liam")
	id := s.Direct("ruben", "liam")
	liam.Post("ruben", "the first")
	read := func() error {
		return renata.Try(chat.TranscriptLoad, chat.HistoryLoadArgs{ConversationID: id, Limit: 5}, nil)
	}
	listed := func() bool {
		var list chat.TranscriptListAnswer
		renata.Do(chat.TranscriptList, chat.TranscriptListArgs{Limit: 50}, &list)
		return slices.ContainsFunc(list.Conversations, func(c chat.TranscriptInfo) bool { return c.Conversation.ID == id })
	}
	allowed := func(want bool, when string) {
		t.Helper()
		if err := read(); (err == nil) != want || !want && !unknown(err) {
			t.Errorf("%s: reading is answered %v", when, err)
		}
		if listed() != want {
			t.Errorf("%s: listed %t", when, !want)
		}
	}
	allowed(false, "without a rule")
	watchedBy(ines, "ruben", renata.ID)
	allowed(true, "with the rule")
	renata.Do(chat.TranscriptWatch, chat.TranscriptWatchArgs{ConversationID: id}, nil)
	liam.Post("ruben", "followed")
	renata.ExpectSignal("what liam wrote", func(g chat.Signal) bool {
		return g.Type == chat.SignalTranscript && g.Message.Text == "followed"
	})
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.South) })
	renata.ExpectSignal("the end", func(g chat.Signal) bool { return g.Type == chat.SignalTranscriptEnded && g.ConversationID == id })
	liam.Post("ruben", "not for her eyes")
	allowed(false, "in a group without a rule")
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.North) })
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Active = ptr(false) })
	allowed(true, "a deactivated agent of her group")
	renata.Barrier()
	for _, g := range renata.Signals() {
		if g.Message != nil && g.Message.Text == "not for her eyes" {
			t.Error("she was told what was written after the right had ended")
		}
	}
}

// TestSets_takenWhileOnline (A13): a permission set and a license end at once for whoever is connected, in commands and in what is
// explained; me.changed says so. The twin is the same moment before and after.
func TestSets_takenWhileOnline(t *testing.T) {
	s := rig.Start(t)
	ines, renata := s.As("ines"), s.As("renata")
	set := give(ines, "renata", chat.PermissionViewSetup, chat.PermissionMessagingAgent)
	ines.Do(chat.LicenseAssign, chat.LicenseAssignArgs{Users: []chat.UserRevision{seen(ines, "renata")}, License: chat.LicenseMessagingUser}, nil)
	engage := func() chat.Rule {
		t.Helper()
		var e chat.Explanation
		renata.Do(chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActEngage}, &e)
		if e.Allowed != (e.Rule == "") {
			t.Errorf("explained as %+v", e)
		}
		return e.Rule
	}
	steps := []struct {
		what   string
		do     func()
		setup  bool
		engage chat.Rule
	}{
		{"at first", func() {}, true, ""},
		{"the license is taken", func() {
			ines.Do(chat.LicenseAssign, chat.LicenseAssignArgs{Users: []chat.UserRevision{seen(ines, "renata")}}, nil)
		}, true, chat.RuleNoLicense},
		{"the license is given", func() {
			ines.Do(chat.LicenseAssign, chat.LicenseAssignArgs{Users: []chat.UserRevision{seen(ines, "renata")}, License: chat.LicenseMessagingUser}, nil)
		}, true, ""},
		{"the edition changes, and licenses with it", func() {
			var p chat.EditionPreviewAnswer
			ines.Do(chat.EditionPreview, chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}, &p)
			ines.Do(chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: p.Revision}, nil)
		}, true, ""},
		{"the set is taken", func() {
			ines.Do(chat.SetAssign, chat.SetAssignArgs{Users: []chat.UserRevision{seen(ines, "renata")}, Disable: []chat.SetRevision{set.Seen()}}, nil)
		}, false, chat.RuleNoGrant},
	}
	for _, step := range steps {
		step.do()
		if got := engage(); got != step.engage {
			t.Errorf("%s: engaging is refused by %q, want %q", step.what, got, step.engage)
		}
		if err := renata.Try(chat.UserList, nil, nil); (err == nil) != step.setup {
			t.Errorf("%s: reading the setup is answered %v", step.what, err)
		}
	}
	renata.Until("she is told", func(w *rig.World) bool {
		return len(w.Me.Permissions) == 0 && w.Me.License == chat.LicenseMessagingUnlimited
	})
}

// TestPost_sendsNothingButItsWords (A17): a message says neither who wrote it nor when, nor where it stands: what a client adds is
// ignored.
func TestPost_sendsNothingButItsWords(t *testing.T) {
	s := rig.Start(t, rig.HandClock())
	liam, mira, amparo := s.As("liam"), s.As("mira"), s.As("amparo")
	forged := map[string]any{
		"id": chat.NewMessageID(), "conversationId": s.Direct("liam", "mira"), "text": "mine", "authorId": amparo.ID, "userId": amparo.ID,
		"n": 77, "at": 5, "type": "system", "readN": 9, "quote": s.Direct("amparo", "renata"),
	}
	liam.Do(chat.MessagePost, forged, nil)
	mira.Expect("as it was written", func(e chat.Event) bool {
		m := e.Message
		return m != nil && m.AuthorID == liam.ID && m.N == 1 && m.At == chat.MillisOf(s.Clock().Now()) && m.Text == "mine"
	})
	raw, err := json.Marshal(liam.History("mira"))
	if err != nil || strings.Contains(string(raw), string(amparo.ID)) || strings.Contains(string(raw), "system") {
		t.Errorf("kept as %s, %v", raw, err)
	}
}

// TestRole_changeEndsSessions (A20, B5): with another role every session ends, its sockets, its token over HTTP, and the way back. A
// change that is none of rights leaves them all.
func TestRole_changeEndsSessions(t *testing.T) {
	s := rig.Start(t)
	ines, odile := s.As("ines"), s.As("odile")
	second := s.SignIn("odile")
	session := func(token string) int {
		resp, _ := send(t, http.MethodGet, s.URL+wire.PathSession, http.Header{"Authorization": {"Bearer " + token}}, "")
		return resp.StatusCode
	}
	updateUser(ines, "odile", func(u *chat.UserUpdateArgs) { u.Title = ptr("Systems, nights") }) // the twin
	odile.Do(chat.UserList, nil, nil)
	if got := session(second.Token); got != http.StatusOK {
		t.Errorf("after another title her session answers %d", got)
	}
	updateUser(ines, "odile", func(u *chat.UserUpdateArgs) { u.Role = ptr(chat.RoleSupervisor) })
	if end := odile.Ended(); end.Code != wire.CloseSignedOut {
		t.Errorf("her socket ended with %v", end)
	}
	odile.Disconnect()
	var refused *wire.RefusedError
	if err := odile.TryConnect(); !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		t.Errorf("she came back: %v", err)
	}
	if got := session(second.Token); got != http.StatusUnauthorized {
		t.Errorf("her other session answers %d", got)
	}
	odile.Anew()
	refusedBy(t, odile.Refused(chat.UserList, nil), chat.GateGrant, chat.RuleNoGrant)
}

// TestSignIn_isAlwaysAnotherSession (B5): whoever signs in gets a session of their own, whatever token came along.
func TestSignIn_isAlwaysAnotherSession(t *testing.T) {
	s := rig.Start(t)
	before := s.SignIn("mira")
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + before.Token}}
	resp, text := send(t, http.MethodPost, s.URL+wire.PathSignIn, header, fmt.Sprintf(`{"name":"liam","password":%q}`, rig.PasswordOf("liam")))
	var after wire.SignInAnswer
	if err := json.Unmarshal([]byte(text), &after); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("signing in is answered %d %s", resp.StatusCode, text)
	}
	if after.Token == before.Token || after.SessionID == before.SessionID || after.UserID != s.ID("liam") {
		t.Errorf("from %+v came %+v", before, after)
	}
}
