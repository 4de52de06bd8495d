package hub

import (
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// request asks for the right to write to one of the cast.
func (c *client) request(to, text string) (chat.RightsRequest, *chat.Error) {
	c.t.Helper()
	var made chat.RequestMakeAnswer
	err := c.ask(chat.RequestMake, chat.RequestMakeArgs{Act: chat.ActPost, OtherID: c.users[to], Text: text}, &made)
	return made.Request, err
}

func (c *client) mustRequest(to, text string) chat.RightsRequest {
	c.t.Helper()
	r, err := c.request(to, text)
	if err != nil {
		c.t.Fatalf("%s asks for %s: %v", c.name, to, err)
	}
	return r
}

func (c *client) requests(all bool) []chat.RightsRequest {
	c.t.Helper()
	var list chat.RequestListAnswer
	c.mustAsk(chat.RequestList, chat.RequestListArgs{All: all}, &list)
	return list.Requests
}

// decided returns the requests that a client was told are decided.
func (c *client) decided() []chat.RightsRequest {
	var all []chat.RightsRequest
	for _, e := range c.got {
		if e.Type == chat.RequestDecided {
			all = append(all, *e.Request)
		}
	}
	return all
}

// TestRequest_applied is WHY-1 from the refusal to the message: who is refused asks, an administrator is told at once and applies
// the smallest change, and the asker, told too, writes.
func TestRequest_applied(t *testing.T) {
	r := newRig(t)
	ana, ada, ben := r.connect("ana"), r.connect("ada"), r.connect("ben")
	if _, err := ana.post("max", "may I?"); err == nil || err.Code != chat.CodeDenied {
		t.Fatal(err)
	}
	made := ana.mustRequest("max", "Need his word on batch 88 ")
	if made.State != chat.RequestOpen || made.ByID != r.users["ana"] || made.Text != "Need his word on batch 88" || made.At != r.hub.now() {
		t.Errorf("%+v", made)
	}
	if again := ana.mustRequest("max", "once more"); again != made {
		t.Errorf("asked again: %+v", again)
	}
	ada.barrier()
	if told := ada.told(); len(told) != 1 || told[0].Subject.Kind != chat.SubjectRequest || told[0].Command != chat.RequestMake {
		t.Errorf("the administrator was told %+v", told)
	}
	if list := ada.requests(true); len(list) != 1 || list[0] != made {
		t.Errorf("the administrator sees %+v", list)
	}
	fix := r.explain(ada.actor, "ana", made.Act, "max").Fix
	r.restart() // a request outlives the server
	for _, c := range []*client{ana, ada, ben} {
		c.attach()
	}
	ada.mustAsk(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID, Apply: true, Changes: fix.Changes, Note: "For this batch"}, nil)
	ana.barrier()
	if d := ana.decided(); len(d) != 1 || d[0].State != chat.RequestApplied || d[0].Note != "For this batch" || d[0].DecidedByID != "" || d[0].DecidedAt == 0 {
		t.Errorf("the asker was told %+v", d)
	}
	if !ana.state.Rights.Start[r.users["max"]].Allowed {
		t.Error("the button is not alive")
	}
	ana.mustPost("max", "Now I may")
	ben.barrier()
	if len(ben.decided()) != 0 || len(ben.requests(false)) != 0 {
		t.Error("somebody else was told")
	}
	if _, err := ana.request("max", ""); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("asks for what is allowed: %v", err)
	}
	if list := ada.requests(true); len(list) != 1 || list[0].DecidedByID != r.users["ada"] {
		t.Errorf("the administrator sees %+v", list)
	}
}

func TestRequest_declined(t *testing.T) {
	r := newRig(t)
	ana, ada := r.connect("ana"), r.connect("ada")
	made := ana.mustRequest("max", "")
	rights := len(ana.rights)
	ada.mustAsk(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID, Note: "Ask your supervisor"}, nil)
	ana.barrier()
	if d := ana.decided(); len(d) != 1 || d[0].State != chat.RequestDeclined || d[0].Note != "Ask your supervisor" || len(ana.rights) != rights {
		t.Errorf("%+v", d)
	}
	if err := ada.ask(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID}, nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("decided twice: %v", err)
	}
	if again := ana.mustRequest("max", "really"); again.ID == made.ID || again.State != chat.RequestOpen {
		t.Errorf("asked again after a no: %+v", again)
	}
	if list := ana.requests(false); len(list) != 2 || list[0].DecidedByID != "" || list[1].DecidedByID != "" {
		t.Errorf("the asker sees %+v", list)
	}
}

// TestRequest_decidesByTheRulesOfTheMoment: what does not allow it any more, or was changed meanwhile, changes nothing at all.
func TestRequest_decidesByTheRulesOfTheMoment(t *testing.T) {
	r := newRig(t)
	ana, ada := r.connect("ana"), r.connect("ada")
	r.organisation(func(o *chat.Organisation) { o.Messaging = false })
	made := ana.mustRequest("max", "")
	fix := r.explain(ada.actor, "ana", chat.ActPost, "max").Fix // the switch, and then Start
	decide := func(what string, code chat.Code, changes ...chat.Change) {
		t.Helper()
		before := r.hub.facts.Load()
		err := ada.ask(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID, Apply: true, Changes: changes}, nil)
		if err == nil || err.Code != code {
			t.Errorf("%s: %v", what, err)
		}
		if now := r.hub.facts.Load(); now.organisation.Revision != before.organisation.Revision || now.user(r.users["ana"]) != before.user(r.users["ana"]) {
			t.Errorf("%s: something was changed", what)
		}
	}
	decide("half of it", chat.CodeConflict, fix.Changes[0])
	decide("nothing", chat.CodeConflict)
	decide("a message", chat.CodeInvalid, change(chat.MessagePost, none{}))
	r.update("ana", func(a *chat.UserUpdateArgs) { title := "Orders"; a.Title = &title })
	decide("an old revision, after a first change that would do", chat.CodeConflict, fix.Changes...)
	if err := ada.ask(chat.RequestDecide, chat.RequestDecideArgs{ID: "x"}, nil); err == nil || err.Code != chat.CodeUnknown {
		t.Errorf("no such request: %v", err)
	}
	fix = r.explain(ada.actor, "ana", chat.ActPost, "max").Fix
	ada.mustAsk(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID, Apply: true, Changes: fix.Changes}, nil)
	ana.barrier()
	ana.mustPost("max", "both were done")
}

// TestRequest_hiddenLikeNobody: of what one may not know of nothing can be asked for, in the words for nobody; a request about
// somebody who becomes hidden disappears.
func TestRequest_hiddenLikeNobody(t *testing.T) {
	r := newRig(t)
	ana, ada := r.connect("ana"), r.connect("ada")
	_, hidden := ana.request("eve", "")
	r.users["nobody"] = chat.UserID(chat.NewUUID())
	_, nobody := ana.request("nobody", "")
	if hidden == nil || nobody == nil || *hidden != *nobody || hidden.Code != chat.CodeUnknown {
		t.Errorf("hidden %v, nobody %v", hidden, nobody)
	}
	made := ana.mustRequest("ben", "")
	r.moveTo("ben", "South")
	if list := ana.requests(false); len(list) != 0 {
		t.Errorf("ana still sees %+v", list)
	}
	ada.mustAsk(chat.RequestDecide, chat.RequestDecideArgs{ID: made.ID}, nil)
	ana.barrier()
	if len(ana.decided()) != 0 || strings.Contains(strings.Join(ana.transcript, ""), "request.decided") {
		t.Error("ana is told of somebody hidden")
	}
	if err := ana.ask(chat.RequestList, chat.RequestListArgs{All: true}, nil); err == nil || err.Code != chat.CodeDenied {
		t.Errorf("everybody's requests: %v", err)
	}
}

func TestRequest_limits(t *testing.T) {
	r := newRig(t)
	ana, sue := r.connect("ana"), r.connect("sue")
	if _, err := ana.request("max", strings.Repeat("x", chat.MaxRequestText+1)); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("too long a text: %v", err)
	}
	ask := func(n int) (refused *chat.Error) {
		for i := range n {
			name := string(rune('a'+i%26)) + string(rune('a'+i/26)) + "-new"
			if r.users[name] == "" {
				var added chat.UserAddAnswer
				r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleExpert, Password: password}, &added)
				r.users[name] = added.UserID
			}
			if _, err := ana.request(name, ""); err != nil {
				refused = err
			}
		}
		return refused
	}
	if err := ask(maxHourRequests); err != nil {
		t.Errorf("as many as allowed: %v", err)
	}
	if err := ask(maxHourRequests + 1); err == nil || err.Code != chat.CodeBusy || err.RetryAfterMs == 0 {
		t.Errorf("too many in an hour: %v", err)
	}
	if _, err := sue.request("max", ""); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("somebody who may: %v", err)
	}
	r.clock.turn(61 * time.Minute)
	if err := ask(maxOpenRequests); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	r.clock.turn(61 * time.Minute)
	if err := ask(maxOpenRequests + 1); err == nil || err.Code != chat.CodeBusy {
		t.Errorf("too many open: %v", err)
	}
}
