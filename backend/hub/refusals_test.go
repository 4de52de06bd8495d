package hub

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// refused returns the refusals in the audit log, oldest first, as "who: command code rule times".
func (r *rig) refused() []string {
	r.t.Helper()
	log := r.auditLog(chat.AuditListArgs{SubjectKind: chat.SubjectRefusal})
	told := make([]string, 0, len(log))
	for i := range log {
		e := log[len(log)-1-i]
		said := fmt.Sprintf("%s: %s %s", strings.ToLower(e.ByName), e.Command, e.Subject.ID)
		for _, c := range e.Changes {
			if c.Field != "towards" {
				said += " " + string(c.To)
			}
		}
		told = append(told, said)
	}
	return told
}

// TestRefusals: what was refused is in the audit log before its asker has the answer, wherever it was refused; nobody is told of it, and
// what was allowed leaves nothing.
func TestRefusals(t *testing.T) {
	r := newRig(t)
	r.talks()
	ada, ana, eve := r.connect("ada"), r.connect("ana"), r.connect("eve")
	before := len(r.refused())
	changes := len(r.auditLog(chat.AuditListArgs{}))
	for _, refused := range []struct {
		by   *client
		name chat.CommandName
		args any
		want string
	}{
		{ana, chat.UserList, nil, `ana: user.list denied "grant.none" 1`},
		{ana, chat.AuditList, chat.AuditListArgs{Limit: 5}, `ana: audit.list denied "grant.notAdministrator" 1`},
		{ana, chat.TeamCreate, chat.TeamCreateArgs{Name: "Mine"}, `ana: team.create denied "grant.notAdministrator" 1`},
		{ana, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("ana", "eve"), Text: "over the wall"}, `ana: message.post unknown 1`},
		{ana, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("max", "eve"), Limit: 5}, `ana: history.load unknown 1`},
		{ana, chat.MessageSearch, chat.MessageSearchArgs{Text: "to", ConversationID: r.direct("max", "eve"), Limit: 5}, `ana: message.search unknown 1`},
		{eve, chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActPost, OtherID: r.users["ana"]}, `eve: explain.ask unknown 1`},
	} {
		if err := refused.by.ask(refused.name, refused.args, nil); err == nil {
			t.Fatalf("%s was not refused", refused.name)
		}
		log := r.refused()
		if len(log) != before+1 || log[before] != refused.want {
			t.Fatalf("after %s the log says %q", refused.name, log[before:])
		}
		before++
	}
	ada.mustAsk(chat.UserList, nil, nil)
	ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("ana", "ben"), Limit: 5}, nil)
	if err := ana.ask("no.such", nil, nil); err == nil {
		t.Error("a command that there is not")
	}
	if err := ana.ask(chat.StatusSet, chat.StatusSetArgs{State: "asleep"}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("nonsense: %v", err)
	}
	if log := r.refused(); len(log) != before {
		t.Errorf("what was allowed, or makes no sense, is noted: %q", log)
	}
	ada.barrier()
	if told := ada.told(); len(told) != 0 {
		t.Errorf("an administrator was told %+v", told)
	}
	if log := r.auditLog(chat.AuditListArgs{}); len(log) != changes {
		t.Errorf("refusals are among the changes: %+v", log[0])
	}
	if log := r.auditLog(chat.AuditListArgs{Refusals: true}); len(log) != changes+before {
		t.Errorf("with refusals there are %d entries, want %d", len(log), changes+before)
	}
	var chain chat.AuditVerifyAnswer
	if r.must(Console, chat.AuditVerify, nil, &chain); chain.BrokenN != 0 {
		t.Errorf("the chain is %+v", chain)
	}
}

// TestRefusals_counted: the same refusal is noted once an hour, with how often it came meanwhile; another one at once.
func TestRefusals_counted(t *testing.T) {
	r := newRig(t)
	ana, ben := r.signIn("ana"), r.signIn("ben")
	try := func(by Actor, name chat.CommandName) {
		t.Helper()
		if err := r.do(by, name, nil, nil); err == nil {
			t.Fatalf("%s was not refused", name)
		}
	}
	for range 5 {
		try(ana, chat.UserList)
	}
	r.clock.turn(refusalRest - time.Second)
	try(ana, chat.UserList)
	try(ben, chat.UserList)
	try(ana, chat.SetList)
	r.clock.turn(time.Second)
	try(ana, chat.UserList)
	want := []string{`ana: user.list denied "grant.none" 1`, `ben: user.list denied "grant.none" 1`, `ana: set.list denied "grant.none" 1`,
		`ana: user.list denied "grant.none" 6`}
	if got := r.refused(); !reflect.DeepEqual(got, want) {
		t.Errorf("noted are %q, want %q", got, want)
	}
}

// TestRefusals_bounded: what is remembered has an end; what does not fit is noted each time, until what is old makes room.
func TestRefusals_bounded(t *testing.T) {
	rs := refusals{known: map[refusal]refused{}}
	now := time.Unix(0, 0)
	for i := range maxRefusals {
		rs.take(refusal{by: chat.UserID(fmt.Sprint(i))}, nil, now)
	}
	late := refusal{by: "late"}
	for range 2 {
		if all, note := rs.take(late, nil, now); !note || all.times != 1 {
			t.Errorf("%d times, noted %v", all.times, note)
		}
	}
	if len(rs.known) != maxRefusals {
		t.Errorf("%d are remembered", len(rs.known))
	}
	now = now.Add(refusalRest)
	rs.take(late, nil, now)
	if _, note := rs.take(late, nil, now); note || len(rs.known) != 1 {
		t.Errorf("after an hour noted again %v, %d are remembered", note, len(rs.known))
	}
}
