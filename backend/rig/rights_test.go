package rig_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// refusedBy checks that e is a refusal by this rule.
func refusedBy(t *testing.T, e chat.Error, gate chat.Gate, rule chat.Rule) {
	t.Helper()
	if e.Code != chat.CodeDenied || e.Refusal == nil || e.Refusal.Gate != gate || e.Refusal.Rule != rule || e.Text == "" {
		t.Errorf("refused with %+v (%+v), want gate %s, rule %s", e, e.Refusal, gate, rule)
	}
}

func TestStart_refusedWithItsReason(t *testing.T) {
	s := rig.Start(t)
	mira, tomas, amparo := s.As("mira"), s.As("tomas"), s.As("amparo")

	refusedBy(t, tomas.PostRefused("liam", "may I?"), chat.GatePersonal, chat.RuleStartOff)
	refusedBy(t, mira.PostRefused("amparo", "may I?"), chat.GatePersonal, chat.RuleStartNotIncluded)
	mira.Post("liam", "I may") // the twin: liam is on her list
	for a, other := range map[*rig.Actor]*rig.Actor{tomas: s.As("liam"), mira: amparo} {
		if can := a.World().Start[other.ID]; can.Allowed || can.Rule == "" {
			t.Errorf("%s is told %+v about starting with %s", a.Name, can, other.Name)
		}
	}

	// Nothing of a refused start exists, for nobody.
	amparo.Barrier()
	if strings.Contains(amparo.Heard(), "may I?") || len(amparo.World().Conversations) != 0 {
		t.Error("amparo was told of the refused message")
	}
	if len(mira.History("liam")) != 1 {
		t.Error("mira's allowed message is not there")
	}

	// Who is written to may answer, in that conversation.
	amparo.Post("mira", "You wanted something?")
	mira.ExpectText("You wanted something?")
	mira.Until("the answer is open", func(w *rig.World) bool { return w.Post[s.Direct("mira", "amparo")].Allowed })
	mira.Post("amparo", "Yes!")
}

func TestReply_endsWithItsWindow(t *testing.T) {
	s := rig.Start(t, rig.HandClock())
	liam, tomas := s.As("liam"), s.As("tomas")
	liam.Post("tomas", "any news?")
	tomas.Post("liam", "not yet")
	can := tomas.World().Post[s.Direct("tomas", "liam")]
	if !can.Allowed || can.UntilAt.Time().Sub(s.Clock().Now()) != chat.DefaultReplyWindowMs.Time().Sub(chat.Millis(0).Time()) {
		t.Errorf("tomas is told %+v", can)
	}
	s.Clock().Turn(can.UntilAt.Time().Sub(s.Clock().Now()) - time.Millisecond)
	tomas.Post("liam", "the last moment of the window")
	s.Clock().Turn(time.Millisecond)
	refusedBy(t, tomas.PostRefused("liam", "too late"), chat.GatePersonal, chat.RuleStartOff)
	liam.Post("tomas", "and now?")
	tomas.Post("liam", "open again")
}

// wallCommands is every command that names something a user may not know of, by the id of the other.
func wallCommands(self, other chat.UserID) map[chat.CommandName]any {
	id := chat.DirectID(self, other)
	return map[chat.CommandName]any{
		chat.MessagePost:   chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "hello?"},
		chat.HistoryLoad:   chat.HistoryLoadArgs{ConversationID: id, Limit: 10},
		chat.ReadMark:      chat.ReadMarkArgs{ConversationID: id, N: 1},
		chat.MessageSearch: chat.MessageSearchArgs{Text: "hello", ConversationID: id, Limit: 5},
		chat.TypingSet:     chat.TypingSetArgs{ConversationID: id, Typing: true},
		chat.DraftSet:      chat.DraftSetArgs{ConversationID: id, Text: "hello?"},
		chat.ExplainAsk:    chat.ExplainAskArgs{Act: chat.ActPost, OtherID: other},
	}
}

// TestWall_sameAnswerAsForNobody asks for a colleague behind the wall and for somebody who does not exist: not a byte may
// differ.
func TestWall_sameAnswerAsForNobody(t *testing.T) {
	s := rig.Start(t)
	mira, una, renata := s.As("mira"), s.As("una"), s.As("renata")
	renata.Post("una", "there is something to hide") // una has a conversation, though not with mira
	una.ExpectText("there is something to hide")

	answer := func(name chat.CommandName, args any) string {
		var ok json.RawMessage
		err := mira.Try(name, args, &ok)
		var refusal *chat.Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal([]any{ok, refusal})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	hidden, nobody := wallCommands(mira.ID, una.ID), wallCommands(mira.ID, chat.UserID(chat.NewUUID()))
	for name := range hidden {
		got, want := answer(name, hidden[name]), answer(name, nobody[name])
		if got != want {
			t.Errorf("%s answers %s for una and %s for nobody", name, got, want)
		}
		if name != chat.TypingSet && !strings.Contains(got, string(chat.CodeUnknown)) {
			t.Errorf("%s answers %s", name, got)
		}
	}
	for name, args := range wallCommands(mira.ID, s.ID("liam")) { // the twins on this side of the wall
		if name == chat.HistoryLoad || name == chat.ReadMark {
			continue // the conversation may not exist yet
		}
		mira.Do(name, args, nil)
	}

	una.Barrier()
	mira.Barrier()
	fresh := mira.Fresh()
	if _, knows := fresh.People[una.ID]; knows {
		t.Error("mira's directory names una")
	}
	for _, who := range []string{"una", "yuki"} {
		for what, secret := range map[string]string{"id": string(s.ID(who)), "name": memberOf(who).DisplayName} {
			if strings.Contains(mira.Heard(), secret) {
				t.Errorf("mira was told %s's %s", who, what)
			}
		}
		if strings.Contains(una.Heard(), string(mira.ID)) || strings.Contains(una.Heard(), "Mira") {
			t.Error("una was told of mira")
		}
	}
	if strings.Contains(mira.Heard(), rig.South) {
		t.Error("mira was told the other group's name")
	}
	if strings.Contains(una.Heard(), "hello?") {
		t.Error("mira's message came over the wall")
	}
}

func memberOf(name string) rig.Member {
	for _, m := range rig.Cast {
		if m.Name == name {
			return m
		}
	}
	return rig.Member{}
}

func TestWall_risesBetweenTwoWhoKnewEachOther(t *testing.T) {
	s := rig.Start(t)
	ines, ruben, mira, renata := s.As("ines"), s.As("ruben"), s.As("mira"), s.As("renata")
	absent := s.Absent("mira", s.URL)
	absent.Connect()
	updateSettings(ines, "mira", true, func(m *chat.MessagingSettings) {
		m.Scope, m.Targets = chat.StartRoles, []string{string(chat.RoleAgent)}
	})
	mira.Post("ruben", "before the wall")
	ruben.ExpectText("before the wall")
	absent.Barrier()
	absent.Disconnect()
	id := s.Direct("mira", "ruben")

	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.South) })
	for _, pair := range [][2]*rig.Actor{{mira, ruben}, {ruben, mira}} {
		a, other := pair[0], pair[1]
		if got := a.PostRefused(other.Name, "still there?"); got.Code != chat.CodeUnknown {
			t.Errorf("%s writes over the wall: %+v", a.Name, got)
		}
		a.Until("conversation and person are gone", func(w *rig.World) bool {
			_, person := w.People[other.ID]
			_, conversation := w.Conversations[id]
			return !person && !conversation
		})
		if got := a.Refused(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: id, Limit: 1}); got.Code != chat.CodeUnknown {
			t.Errorf("%s reads over the wall: %+v", a.Name, got)
		}
	}
	absent.Connect() // with a cursor from before
	if w := absent.World(); len(w.Conversations) != 0 {
		t.Errorf("after a resume mira still has %d conversations", len(w.Conversations))
	}
	ruben.Until("a new colleague", func(w *rig.World) bool { _, knows := w.People[s.ID("yuki")]; return knows })
	renata.Post("ruben", "supervisors are outside the wall")
	ruben.ExpectText("supervisors are outside the wall")

	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.North) })
	mira.Until("both are back", func(w *rig.World) bool {
		_, person := w.People[ruben.ID]
		return person && len(w.Conversations[id].Tail) == 1
	})
	mira.Post("ruben", "welcome back")
	ruben.ExpectText("welcome back")
}

func TestSettings_atOnceOrAtTheNextSignIn(t *testing.T) {
	s := rig.Start(t)
	ines, mira, liam := s.As("ines"), s.As("mira"), s.As("liam")
	id := s.Direct("mira", "liam")
	liam.Post("mira", "hello")
	mira.Post("liam", "hello back")

	off := func(m *chat.MessagingSettings) { m.Replies, m.Start = false, false }
	updateSettings(ines, "mira", false, off)
	mira.Until("it is pending", func(w *rig.World) bool { return w.Me.Pending != nil && !w.Me.Pending.Replies })
	mira.Post("liam", "still allowed")
	mira.Disconnect()
	mira.Connect() // a resumed session is no new sign-in
	mira.Post("liam", "still allowed after coming back")

	updateSettings(ines, "mira", true, off)
	refusedBy(t, mira.PostRefused("liam", "no more"), chat.GatePersonal, chat.RuleRepliesOff)
	mira.Until("the button is grey", func(w *rig.World) bool { return !w.Post[id].Allowed && w.Me.Pending == nil })
	liam.Post("mira", "you still receive")
	mira.ExpectText("you still receive")

	updateSettings(ines, "mira", false, func(m *chat.MessagingSettings) { m.Replies = true })
	mira.PostRefused("liam", "not yet again")
	mira.Anew()
	mira.Post("liam", "a new day")
}

func TestSettings_onlyAdministrators(t *testing.T) {
	s := rig.Start(t)
	ines, renata, tomas := s.As("ines"), s.As("renata"), s.As("tomas")
	r := record(ines, "tomas")
	change := chat.SettingsUpdateArgs{UserID: r.User.ID, Revision: r.Revision, Settings: chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone, Targets: []string{}}, ApplyNow: true}
	for _, a := range []*rig.Actor{renata, tomas} {
		refusedBy(t, a.Refused(chat.SettingsUpdate, change), chat.GateGrant, chat.RuleNotAdministrator)
		refusedBy(t, a.Refused(chat.UserList, nil), chat.GateGrant, chat.RuleNoGrant)
		refusedBy(t, a.Refused(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.User.ID, Revision: r.Revision, Role: ptr(chat.RoleAdministrator)}), chat.GateGrant, chat.RuleNoGrant)
	}
	other := record(ines, "odile")
	refusedBy(t, ines.Refused(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: other.User.ID, Revision: other.Revision, Settings: change.Settings}), chat.GateGrant, chat.RuleAdministratorFixed)
	ines.Do(chat.SettingsUpdate, change, nil)
	if got := ines.Refused(chat.SettingsUpdate, change); got.Code != chat.CodeConflict {
		t.Errorf("an update of what has changed meanwhile: %+v", got)
	}
	tomas.Post("amparo", "now I may")
}

func TestOrganisationOff_feltAtOnceByAll(t *testing.T) {
	s := rig.Start(t)
	ines, mira, liam := s.As("ines"), s.As("mira"), s.As("liam")
	liam.Post("mira", "while it is on")
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = false })
	for _, a := range []*rig.Actor{mira, liam, ines} {
		other := map[string]string{"mira": "liam", "liam": "mira", "ines": "mira"}[a.Name]
		refusedBy(t, a.PostRefused(other, "while it is off"), chat.GateSwitch, chat.RuleMessagingOff)
	}
	if got := mira.History("liam"); len(got) != 1 {
		t.Errorf("of the history %d messages are readable", len(got))
	}
	setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = true })
	mira.Post("liam", "on again")
	liam.ExpectText("on again")
}

func TestDeactivation_endsEverySessionAtOnce(t *testing.T) {
	s := rig.Start(t)
	ines, ruben, second, renata := s.As("ines"), s.As("ruben"), s.As("ruben"), s.As("renata")
	renata.Post("ruben", "see you tomorrow")
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Active = ptr(false) })
	for _, a := range []*rig.Actor{ruben, second} {
		if end := a.Ended(); end.Code != wire.CloseSignedOut || end.MayReturn() {
			t.Errorf("ended with %v", end)
		}
		a.Disconnect()
		var refused *wire.RefusedError
		if err := a.TryConnect(); !errors.As(err, &refused) || refused.Status != 401 {
			t.Errorf("came back: %v", err)
		}
	}
	_, err := wire.SignIn(t.Context(), nil, s.URL, wire.SignInArgs{Name: "ruben", Password: rig.PasswordOf("ruben")})
	_, wrong := wire.SignIn(t.Context(), nil, s.URL, wire.SignInArgs{Name: "mira", Password: "not hers"})
	if err == nil || wrong == nil || err.Error() != wrong.Error() {
		t.Errorf("deactivated: %v; wrong password: %v", err, wrong)
	}
	refusedBy(t, renata.PostRefused("ruben", "are you there?"), chat.GateAccount, chat.RuleOtherInactive)
	if got := renata.History("ruben"); len(got) != 1 {
		t.Errorf("the history has %d messages", len(got))
	}
}

func TestSessions_endedFromAnotherDevice(t *testing.T) {
	s := rig.Start(t)
	mira, lost := s.As("mira"), s.As("mira")
	lost.Anew() // a session of its own
	mira.Post("liam", "hello")
	var list chat.SessionListAnswer
	mira.Do(chat.SessionList, nil, &list)
	for _, one := range list.Sessions {
		if !one.Current && one.Live {
			mira.Do(chat.SessionEnd, chat.SessionEndArgs{SessionID: one.ID}, nil)
		}
	}
	if end := lost.Ended(); end.Code != wire.CloseSignedOut {
		t.Errorf("the lost device ended with %v", end)
	}
	mira.Post("liam", "still here")

	foreign := s.SignIn("liam")
	if got := mira.Refused(chat.SessionEnd, chat.SessionEndArgs{SessionID: foreign.SessionID}); got.Code != chat.CodeUnknown {
		t.Errorf("ending another's session: %+v", got)
	}
	third := s.As("mira")
	third.Anew()
	mira.Do(chat.PasswordChange, chat.PasswordChangeArgs{Old: rig.PasswordOf("mira"), New: "a longer password"}, nil)
	if end := third.Ended(); end.Code != wire.CloseSignedOut {
		t.Errorf("after a new password the others ended with %v", end)
	}
	mira.Barrier()
}
