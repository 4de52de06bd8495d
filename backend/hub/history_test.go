package hub

import (
	"testing"
	"time"

	"parley/backend/chat"
)

// TestTimeMachine changes every thing rights follow from, one after the other, and asks about the moment before each (WHY-3): what
// is answered is what was true then.
func TestTimeMachine(t *testing.T) {
	r := newRig(t)
	r.clock.turn(time.Minute)
	ada, max := r.signIn("ada"), r.connect("max")
	type moment struct {
		at      chat.Millis
		allowed bool
		rule    chat.Rule
	}
	var moments []moment
	ask := func(at chat.Millis) (e chat.Explanation) {
		t.Helper()
		r.must(ada, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users["ana"], Act: chat.ActPost, OtherID: r.users["max"], At: at}, &e)
		return e
	}
	note := func() {
		e := ask(0)
		moments = append(moments, moment{r.hub.now(), e.Allowed, e.Rule})
		r.clock.turn(time.Minute)
	}
	note()
	teams, no, yes, agent, expert, south := []string{"Returns"}, false, true, chat.RoleAgent, chat.RoleExpert, "South"
	r.update("max", func(a *chat.UserUpdateArgs) { a.Teams = &teams })
	note()
	team := ""
	for _, x := range r.hub.facts.Load().teamsSeen(nil) {
		if x.Name == "Returns" {
			team = string(x.ID)
		}
	}
	for _, step := range []func(){
		func() {
			r.settings("ana", chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartTeams, Targets: []string{team}})
		},
		func() { teams = []string{}; r.update("max", func(a *chat.UserUpdateArgs) { a.Teams = &teams }) },
		func() { max.mustPost("ana", "hello") },
		func() { r.settings("ana", chat.MessagingSettings{Scope: chat.StartUsers}) },
		func() { r.organisation(func(o *chat.Organisation) { o.Mode = chat.ModeSuperiorsOnly }) },
		func() { r.organisation(func(o *chat.Organisation) { o.Mode, o.Messaging = chat.ModeEveryone, false }) },
		func() {
			r.organisation(func(o *chat.Organisation) { o.Messaging, o.ReplyWindowMs = true, 1000 })
		},
		func() { r.update("max", func(a *chat.UserUpdateArgs) { a.Active = &no }) },
		func() {
			r.update("max", func(a *chat.UserUpdateArgs) { a.Active, a.Role, a.Group = &yes, &agent, &south })
		},
		func() { r.startsAll("ana") },
		func() { r.update("max", func(a *chat.UserUpdateArgs) { a.Role = &expert }) },
	} {
		step()
		note()
	}
	r.restart()
	ada = r.signIn("ada")
	seen := map[chat.Rule]bool{}
	for i, m := range moments {
		e := ask(m.at)
		seen[m.rule] = true
		if e.Allowed != m.allowed || e.Rule != m.rule || e.At != m.at || e.Fix != nil {
			t.Errorf("moment %d: allowed %t by %q, then it was %t by %q", i, e.Allowed, e.Rule, m.allowed, m.rule)
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %v were met", seen)
	}
	if e := ask(0); len(e.Gates) != 7 || e.KeptSinceAt == 0 || e.KeptSinceAt > moments[0].at {
		t.Errorf("now: %+v", e)
	}
}

// TestTimeMachine_whoHadSetIt names who had set the rule at that moment, not who set it since.
func TestTimeMachine_whoHadSetIt(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	r.clock.turn(time.Minute)
	at := r.hub.now()
	scope := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"agent"}}
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: 1, Settings: scope, ApplyNow: true}, nil)
	r.clock.turn(time.Minute)
	scope.Targets = []string{"supervisor"}
	r.settings("ana", scope)
	ask := func(at chat.Millis) *chat.SetBy {
		var e chat.Explanation
		r.must(ada, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users["ana"], Act: chat.ActPost, OtherID: r.users["max"], At: at}, &e)
		return e.SetBy
	}
	if s := ask(at + 1); s == nil || s.Name != "Ada" || s.At != at {
		t.Errorf("then: %+v", s)
	}
	if s := ask(0); s == nil || s.Name != "" || s.At != r.hub.now() {
		t.Errorf("now it is the server's command line: %+v", s)
	}
}

func TestTimeMachine_beyondWhatIsKept(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	first := r.hub.now()
	r.clock.turn(time.Hour)
	var added chat.UserAddAnswer
	r.must(ada, chat.UserAdd, chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleExpert, Password: password}, &added)
	ask := func(other chat.UserID, at chat.Millis) chat.Code {
		err := r.do(ada, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users["ana"], Act: chat.ActPost, OtherID: other, At: at}, nil)
		if err == nil {
			return ""
		}
		return chat.AsError(err).Code
	}
	for what, c := range map[string]struct{ got, want chat.Code }{
		"before anything is kept": {ask(r.users["max"], first-1), chat.CodeInvalid},
		"the future":              {ask(r.users["max"], r.hub.now()+1), chat.CodeInvalid},
		"the first moment":        {ask(r.users["max"], first), ""},
		"somebody not there yet":  {ask(added.UserID, first), chat.CodeUnknown},
		"and there now":           {ask(added.UserID, r.hub.now()), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q", what, c.got)
		}
	}
	// What was looked at is of then; what is true now is not touched by it.
	if f := r.hub.facts.Load(); f.user(added.UserID) == nil || !f.user(r.users["max"]).person.Active {
		t.Error("asking changed something")
	}
}
