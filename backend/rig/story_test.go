package rig_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

func TestPost_reachesTheOtherAndOnesOwnDevices(t *testing.T) {
	s := rig.Start(t)
	mira, phone, liam := s.As("mira"), s.As("mira"), s.As("liam")

	if got := liam.Post("mira", "Did the glass carry a batch number?"); got.N != 1 || got.At == 0 || got.Waiting {
		t.Errorf("answered %+v", got)
	}
	mira.ExpectText("Did the glass carry a batch number?")
	mira.Post("liam", "Asking her now")
	liam.ExpectText("Asking her now")
	phone.ExpectText("Asking her now")

	want := "1 liam: Did the glass carry a batch number?\n2 mira: Asking her now\n"
	for _, a := range []*rig.Actor{mira, phone, liam} {
		a.Barrier()
		with := map[string]string{"mira": "liam", "liam": "mira"}[a.Name]
		if got := a.Transcript(with); got != want {
			t.Errorf("%s has\n%s, want\n%s", a.Name, got, want)
		}
		if got := len(a.History(with)); got != 2 {
			t.Errorf("the history of %s has %d messages", a.Name, got)
		}
	}
	if events := mira.Events(); len(events) < 2 || events[0].Type != chat.ConversationOpened || events[1].Type != chat.MessagePosted {
		t.Errorf("the conversation did not open before its first message: %+v", events)
	}
}

func TestPost_richTextOfAgentsPlainTextOfExperts(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	document := json.RawMessage(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"today, "},{"type":"text","text":"16:00","marks":[{"type":"bold"}]}]}]}`)
	rich := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct("mira", "liam"), Document: document}

	mira.Do(chat.MessagePost, rich, nil)
	liam.ExpectText("today, 16:00")
	if got := liam.History("mira"); len(got) != 1 || string(got[0].Document) != string(document) {
		t.Errorf("the document arrived as %s", got[0].Document)
	}
	rich.ID = chat.NewMessageID()
	refusal := liam.Refused(chat.MessagePost, rich)
	if refusal.Code != chat.CodeDenied || refusal.Refusal == nil || refusal.Refusal.Rule != chat.RulePlainTextOnly {
		t.Errorf("an expert's rich text was refused with %+v", refusal)
	}
	liam.Post("mira", "today, 16:00") // the twin that differs only in the formatting
}

func TestPost_sameIdSameAnswerForEver(t *testing.T) {
	s := rig.Start(t)
	liam, mira := s.As("liam"), s.As("mira")
	first := liam.Message("mira", "once")
	var answer, again chat.MessagePostAnswer
	liam.Do(chat.MessagePost, first, &answer)
	for range 20 {
		liam.Post("mira", "something else")
		liam.Do(chat.MessagePost, first, &again)
		if again != answer {
			t.Fatalf("the repeat answered %+v, the first %+v", again, answer)
		}
	}
	other := liam.Message("mira", "twice")
	other.ID = first.ID
	if got := liam.Refused(chat.MessagePost, other); got.Code != chat.CodeConflict {
		t.Errorf("the same id with another text: %+v", got)
	}
	other = liam.Message("amparo", "once")
	other.ID = first.ID
	if got := liam.Refused(chat.MessagePost, other); got.Code != chat.CodeConflict {
		t.Errorf("the same id in another conversation: %+v", got)
	}
	other = mira.Message("liam", "once")
	other.ID = first.ID
	foreign := mira.Refused(chat.MessagePost, other)
	if foreign.Code != chat.CodeConflict || strings.Contains(foreign.Text, "Liam") {
		t.Errorf("the same id of another author: %+v", foreign)
	}
	mira.Barrier()
	if got := strings.Count(mira.Transcript("liam"), "once\n"); got != 1 {
		t.Errorf("the message is there %d times", got)
	}
}

func TestPost_repeatOutlivesTheRight(t *testing.T) {
	s := rig.Start(t)
	liam, ines := s.As("liam"), s.As("ines")
	posted := liam.Message("mira", "before")
	var answer, again chat.MessagePostAnswer
	liam.Do(chat.MessagePost, posted, &answer)
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = false })
	liam.Do(chat.MessagePost, posted, &again)
	if again != answer {
		t.Errorf("the repeat answered %+v, the first %+v", again, answer)
	}
	liam.PostRefused("mira", "after") // and the twin shows that the right is gone
}

func TestReadMarkAndDraft_followTheirOwnerOnly(t *testing.T) {
	s := rig.Start(t)
	mira, phone, liam := s.As("mira"), s.As("mira"), s.As("liam")
	id := s.Direct("mira", "liam")
	liam.Post("mira", "one")
	liam.Post("mira", "two")
	mira.ExpectText("two")
	if c := mira.World().Conversations[id]; c.LastN-c.ReadN != 2 {
		t.Errorf("unread %d of 2", c.LastN-c.ReadN)
	}
	mira.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: 2}, nil)
	mira.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: 1}, nil) // a mark never goes back
	mira.Do(chat.DraftSet, chat.DraftSetArgs{ConversationID: id, Text: "Lower left"}, nil)
	phone.Until("mark and draft on the other device", func(w *rig.World) bool {
		c := w.Conversations[id]
		return c.ReadN == 2 && c.Draft != nil && c.Draft.Text == "Lower left"
	})
	if c := mira.Fresh().Conversations[id]; c.ReadN != 2 || c.Draft == nil {
		t.Errorf("a new device is told read %d, draft %v", c.ReadN, c.Draft)
	}
	mira.Do(chat.DraftSet, chat.DraftSetArgs{ConversationID: id}, nil)
	phone.Until("no draft", func(w *rig.World) bool { return w.Conversations[id].Draft == nil })

	liam.Barrier()
	for _, e := range liam.Events() {
		if e.Type == chat.ReadMarked || e.Type == chat.DraftChanged {
			t.Errorf("liam was told mira's %s", e.Type)
		}
	}
}

func TestSignals_typingAndPresence(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	liam.Post("mira", "hello")
	mira.Do(chat.TypingSet, chat.TypingSetArgs{ConversationID: s.Direct("mira", "liam"), Typing: true}, nil)
	liam.ExpectSignal("mira types", func(sig chat.Signal) bool {
		return sig.Type == chat.SignalTyping && sig.UserID == mira.ID && sig.Typing && sig.ConversationID == s.Direct("mira", "liam")
	})
	mira.Do(chat.TypingSet, chat.TypingSetArgs{ConversationID: s.Direct("mira", "liam")}, nil)
	liam.ExpectSignal("mira stops", func(sig chat.Signal) bool {
		return sig.Type == chat.SignalTyping && sig.UserID == mira.ID && !sig.Typing
	})

	present := func(of chat.UserID, want chat.Availability) func(w *rig.World) bool {
		return func(w *rig.World) bool { return w.Presence[of].Availability == want }
	}
	liam.Until("mira is online", present(mira.ID, chat.Online))
	mira.Do(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: "Lunch"}, nil)
	liam.Until("mira is away", present(mira.ID, chat.Away))
	mira.Disconnect()
	liam.Until("mira is gone", func(w *rig.World) bool { _, here := w.Presence[mira.ID]; return !here })
	mira.Connect()
	liam.Until("a break outlives the connection", present(mira.ID, chat.Away))
}

// TestSnapshot_equalsWhatWasTold compares, for every role, what a client knows from events with what a new one is told.
func TestSnapshot_equalsWhatWasTold(t *testing.T) {
	s := rig.Start(t)
	everybody := map[string]*rig.Actor{}
	for _, m := range rig.Cast {
		everybody[m.Name] = s.As(m.Name)
	}
	ines := everybody["ines"]
	compare := func(after string) {
		t.Helper()
		for _, m := range rig.Cast {
			a := everybody[m.Name]
			if a.Client() == nil {
				continue
			}
			a.Barrier()
			told, fresh := a.World(), a.Fresh()
			for id, c := range told.Conversations { // a new device is told the newest messages only
				c.Tail = c.Tail[max(0, len(c.Tail)-len(fresh.Conversations[id].Tail)):]
				told.Conversations[id] = c
			}
			if got, want := told.Render(), fresh.Render(); got != want {
				t.Errorf("after %s, %s and a new device differ:\n%s", after, a.Name, difference(got, want))
			}
			// Presence is told by signals, which no barrier waits for.
			want := fresh.RenderPresence()
			a.Until("the presence after "+after, func(w *rig.World) bool { return w.RenderPresence() == want })
		}
	}
	compare("nothing")
	for i := range 3 {
		everybody["liam"].Post("mira", fmt.Sprint("from liam ", i))
		everybody["mira"].Post("liam", fmt.Sprint("from mira ", i))
		everybody["renata"].Post("yuki", fmt.Sprint("from renata ", i))
		everybody["renata"].Post("ruben", fmt.Sprint("from renata ", i))
	}
	everybody["mira"].Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: s.Direct("mira", "liam"), N: 5}, nil)
	everybody["mira"].Do(chat.DraftSet, chat.DraftSetArgs{ConversationID: s.Direct("mira", "liam"), Text: "half a"}, nil)
	compare("messages")
	everybody["mira"].Do(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkWrapUp, Reason: "notes"}, nil)
	compare("a status")
	updateSettings(ines, "tomas", false, func(m *chat.MessagingSettings) { m.Start = true })
	compare("settings for the next sign-in")
	updateSettings(ines, "mira", true, func(m *chat.MessagingSettings) { m.Replies, m.Start = false, false })
	compare("settings at once")
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.South) })
	compare("a change of group")
	updateUser(ines, "tomas", func(u *chat.UserUpdateArgs) {
		u.DisplayName = ptr("Tomas van Ellwart")
		u.Teams = &[]string{rig.Sales, "Fleet"}
	})
	compare("a new name and team")
	setOrganisation(ines, func(o *chat.Organisation) { o.Mode = chat.ModeSuperiorsOnly })
	compare("another mode")
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = false })
	compare("messaging off")
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging, o.Mode = true, chat.ModeEveryone })
	updateUser(ines, "una", func(u *chat.UserUpdateArgs) { u.Active = ptr(false) })
	everybody["una"].Ended()
	everybody["una"].Disconnect()
	compare("a deactivation")
	updateUser(ines, "yuki", func(u *chat.UserUpdateArgs) { u.Role = ptr(chat.RoleSupervisor) })
	everybody["yuki"].Ended() // another role is another sign-in
	everybody["yuki"].Anew()
	compare("a promotion")
}

// difference returns the lines that only one of two texts has.
func difference(got, want string) string {
	var b strings.Builder
	for _, side := range []struct{ sign, text, other string }{{"- ", got, want}, {"+ ", want, got}} {
		for line := range strings.Lines(side.text) {
			if !strings.Contains(side.other, line) {
				b.WriteString(side.sign + line)
			}
		}
	}
	return b.String()
}

func ptr[T any](v T) *T { return &v }

// record returns an administrator's view of one of the cast.
func record(admin *rig.Actor, name string) chat.UserRecord {
	var list chat.UserListAnswer
	admin.Do(chat.UserList, nil, &list)
	for _, r := range list.Users {
		if r.Name == name {
			return r
		}
	}
	return chat.UserRecord{}
}

// updateSettings changes one's messaging settings, at once or at the next sign-in.
func updateSettings(admin *rig.Actor, name string, now bool, change func(*chat.MessagingSettings)) {
	r := record(admin, name)
	settings := r.Settings
	if settings.Targets == nil {
		settings.Targets = []string{}
	}
	change(&settings)
	admin.Do(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.User.ID, Revision: r.Revision, Settings: settings, ApplyNow: now}, nil)
}

// updateUser changes one of the cast.
func updateUser(admin *rig.Actor, name string, change func(*chat.UserUpdateArgs)) {
	r := record(admin, name)
	args := chat.UserUpdateArgs{UserID: r.User.ID, Revision: r.Revision}
	change(&args)
	admin.Do(chat.UserUpdate, args, nil)
}

// setOrganisation changes what is true for everybody.
func setOrganisation(admin *rig.Actor, change func(*chat.Organisation)) {
	o := admin.World().Organisation
	change(&o)
	admin.Do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil)
}
