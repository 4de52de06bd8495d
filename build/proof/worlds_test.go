package proof

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// Two worlds: the same script is played twice, and in the second world nothing of what must stay hidden from the observer
// happens. Every byte that the observer is told must be the same in both, in the same frames, in the same order; only words
// that mean nothing (cursors, ids that are new in each run) are replaced by their order of coming up.

// secret is something that happens in one world only.
type secret struct {
	name string
	does chat.CommandName // what it uses; empty if it is no command
	do   func(e *equality)
	// instead is done in the other world; nil for nothing.
	instead func(e *equality)
	// silent says why nobody at all is told of it; else somebody must be, or the secret is none.
	silent string
}

// commanded is a secret that is one step.
func commanded(s equalityStep) secret {
	return secret{name: fmt.Sprintf("%s %s %s", s.by, s.do, s.what), does: s.do, do: func(e *equality) { e.try(&s) }}
}

func silently(s equalityStep, why string) secret {
	x := commanded(s)
	x.silent = why
	return x
}

// inOrder is a secret of several steps.
func inOrder(name string, does chat.CommandName, steps ...equalityStep) secret {
	return secret{name: name, does: does, do: func(e *equality) {
		for i := range steps {
			e.try(&steps[i])
			e.settle()
		}
	}}
}

// probe is what the observer asks in both worlds; it must be answered the same. Every command is among the probes.
type probe struct {
	do   chat.CommandName
	args func(e *equality) any
}

// try executes a step and lets it be refused.
func (e *equality) try(s *equalityStep) {
	o := e.of(s.by)
	o.next++
	var args any = struct{}{}
	if s.args != nil {
		args = s.args(e)
	}
	o.command(s.do, args)
}

// with asks about the conversation with somebody.
func with(other string, args func(id chat.ConversationID) any) func(e *equality) any {
	return func(*equality) any { return args(chat.DirectID(simUser("ana"), simUser(other))) }
}

// probes asks for everything about eve, who stands behind the wall, and what an agent may not ask at all.
func probes(of string) []probe {
	return append(slices.Concat(rightsProbes(of), fileProbes(), roomProbes(of)), []probe{
		{chat.Hello, nil}, {chat.Ping, nil},
		{chat.MessagePost, with(of, func(id chat.ConversationID) any {
			return chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000001", ConversationID: id, Text: "hello?"}
		})},
		{chat.MessagePost, with(of, func(chat.ConversationID) any { // the key and the conversation of a hidden message
			return chat.MessagePostArgs{ID: "01d00000-0000-7000-8000-000000000001", ConversationID: chat.DirectID(simUser("eve"), simUser("max")), Text: "x"}
		})},
		{chat.HistoryLoad, with(of, func(id chat.ConversationID) any { return chat.HistoryLoadArgs{ConversationID: id, Limit: 10} })},
		{chat.HistoryLoad, with(of, func(chat.ConversationID) any {
			return chat.HistoryLoadArgs{ConversationID: chat.DirectID(simUser("eve"), simUser("max")), Limit: 10}
		})},
		{chat.MessageSearch, func(*equality) any { return chat.MessageSearchArgs{Text: "h", Limit: 50} }},
		{chat.MessageSearch, func(*equality) any { return chat.MessageSearchArgs{Text: "e", AuthorID: simUser(of), Limit: 5} }},
		{chat.MessageSearch, with(of, func(id chat.ConversationID) any {
			return chat.MessageSearchArgs{Text: "b", ConversationID: id, Limit: 5}
		})},
		{chat.MessageSearch, func(*equality) any {
			return chat.MessageSearchArgs{Text: "b", BeforeID: "01d00000-0000-7000-8000-000000000001", Limit: 5}
		}},
		{chat.ReadMark, with(of, func(id chat.ConversationID) any { return chat.ReadMarkArgs{ConversationID: id, N: 1} })},
		{chat.DraftSet, with(of, func(id chat.ConversationID) any { return chat.DraftSetArgs{ConversationID: id, Text: "dear"} })},
		{chat.TypingSet, with(of, func(id chat.ConversationID) any { return chat.TypingSetArgs{ConversationID: id, Typing: true} })},
		{chat.MessagePost, func(*equality) any {
			return chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000002", ConversationID: equalityRoom(1), Text: "may I?"}
		}},
		{chat.HistoryLoad, func(*equality) any { return chat.HistoryLoadArgs{ConversationID: equalityRoom(1), Limit: 10} }},
		{chat.RoomCreate, gathers("ana", 1, "Mine", of).args}, {chat.RoomInvite, invites("ana", 1, of).args}, {chat.RoomLeave, leaves("ana", 1).args},
		{chat.StatusSet, func(*equality) any { return chat.StatusSetArgs{State: chat.WorkAvailable} }},
		{chat.ConversationMute, with(of, func(id chat.ConversationID) any { return chat.ConversationMuteArgs{ConversationID: id, Muted: true} })},
		{chat.AttentionUpdate, disturbs("ana", "", chat.AttentionUpdateArgs{QuietHours: &nights}).args},
		{chat.IdleSet, rests("ana", true).args}, {chat.IdleSet, rests("ana", false).args},
		{chat.PushSubscribe, subscribes("ana").args}, {chat.PushUnsubscribe, nil},
		{chat.SessionList, nil},
		{chat.SessionEnd, func(e *equality) any {
			if secret := e.of("eve").desk.keys.secret; secret != nil {
				return chat.SessionEndArgs{SessionID: secret.SessionID}
			}
			return chat.SessionEndArgs{SessionID: "01e00000-0000-7000-8000-000000000001"}
		}},
		{chat.PasswordChange, func(*equality) any { return chat.PasswordChangeArgs{Old: "wrong", New: simPassword} }},
		{chat.FactorShow, nil},
		{chat.FactorBegin, func(*equality) any { return chat.FactorBeginArgs{Password: "wrong"} }},
		{chat.FactorConfirm, factorCode}, {chat.FactorRenew, factorCode}, {chat.FactorDisable, factorCode},
		{chat.UserResetFactor, func(*equality) any { return chat.UserResetFactorArgs{UserID: simUser(of)} }},
		{chat.UserAdd, func(*equality) any {
			return chat.UserAddArgs{Name: of, DisplayName: "X", Role: chat.RoleAgent, Password: simPassword}
		}},
		{chat.UserList, nil},
		{chat.UserUpdate, func(*equality) any { return chat.UserUpdateArgs{UserID: simUser(of), Revision: 1} }},
		{chat.UserSetPassword, func(*equality) any { return chat.UserSetPasswordArgs{UserID: simUser(of), Password: simPassword} }},
		{chat.SettingsUpdate, func(*equality) any {
			return chat.SettingsUpdateArgs{UserID: simUser(of), Revision: 1, Settings: chat.DefaultSettings(chat.RoleAgent)}
		}},
		{chat.UserUpdateMany, func(*equality) any {
			title := "x"
			return chat.UserUpdateManyArgs{Users: []chat.UserRevision{{UserID: simUser(of), Revision: 1}}, Fields: chat.UserFields{Title: &title}}
		}},
		{chat.UserImport, func(*equality) any { return chat.UserImportArgs{CSV: "name,title\n" + of + ",x\n", DryRun: true} }},
		{chat.UserImport, func(*equality) any {
			return chat.UserImportArgs{CSV: "name,title\n" + of + ",x\n", Revisions: []int64{1}}
		}},
		{chat.GroupCreate, func(*equality) any { return chat.GroupCreateArgs{Name: "South", Kind: chat.GroupFunctional} }},
		{chat.GroupUpdate, func(*equality) any { return chat.GroupUpdateArgs{GroupID: "g", Revision: 1} }}, {chat.GroupSetDefault, nil}, {chat.GroupDelete, nil},
		{chat.TeamCreate, func(*equality) any { return chat.TeamCreateArgs{Name: "Night"} }}, {chat.TeamRename, nil}, {chat.TeamDelete, nil},
		{chat.QueueCreate, func(*equality) any { return chat.QueueCreateArgs{Name: "Orders"} }}, {chat.QueueUpdate, nil}, {chat.QueueDelete, nil},
		{chat.TemplateList, nil}, {chat.TemplateCreate, func(*equality) any {
			return chat.TemplateCreateArgs{ID: "01b00000-0000-7000-8000-000000000009", Content: chat.TemplateContent{Name: "x", Text: "x"}}
		}}, {chat.TemplateUpdate, func(*equality) any {
			return chat.TemplateUpdateArgs{ID: "01b00000-0000-7000-8000-000000000009", Revision: 1, Content: chat.TemplateContent{Name: "x", Text: "x"}}
		}}, {chat.TemplateDelete, nil},
		{chat.MessagePost, with(of, func(chat.ConversationID) any { // a file of a hidden template, as of none
			return chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000003", ConversationID: chat.DirectID(simUser("ana"), simUser("ben")),
				TemplateFileIDs: []chat.FileID{"01d00000-0000-7000-8000-000000000008"}}
		})},
		{chat.OrganisationUpdate, nil},
		{chat.AuditList, func(*equality) any {
			return chat.AuditListArgs{SubjectKind: chat.SubjectUser, SubjectID: string(simUser(of)), Limit: 5}
		}},
		{chat.AuditVerify, nil},
		{chat.MonitoringList, nil},
		{chat.MonitoringUpdate, watchedBy(simSouth, "ana").args},
		{chat.MonitoringShow, nil},
		{chat.TranscriptList, func(*equality) any { return chat.TranscriptListArgs{Text: of, Limit: 5} }},
		{chat.TranscriptLoad, loadsTranscript("ana", "eve", "max").args},
		{chat.TranscriptLoad, loadsTranscript("ana", "ana", of).args},
		{chat.TranscriptWatch, follows("ana", chat.TranscriptWatch, "eve", "max").args},
		{chat.TranscriptUnwatch, follows("ana", chat.TranscriptUnwatch, "eve", "max").args},
	}...)
}

// secretMessage is a message under a key of its own, so that visible messages have the same keys in both worlds.
func secretMessage(by, to, text string) equalityStep {
	return equalityStep{by: by, do: chat.MessagePost, what: text + " to " + to, args: func(e *equality) any {
		e.secrets++
		return chat.MessagePostArgs{ID: chat.MessageID(fmt.Sprintf("01d00000-0000-7000-8000-%012d", e.secrets)),
			ConversationID: chat.DirectID(simUser(by), simUser(to)), Text: text}
	}}
}

// secretlyIn is one in a room.
func secretlyIn(by string, n int, text string) equalityStep {
	step := secretMessage(by, "ana", text)
	direct := step.args
	step.args = func(e *equality) any {
		m := direct(e).(chat.MessagePostArgs)
		m.ConversationID = equalityRoom(n)
		return m
	}
	return step
}

// secrets are what ana, of North, must not notice: all that eve, of South, does and is, and what others say among themselves.
// Every command is among them but those whose effect is for everybody.
var secrets = []secret{
	commanded(secretMessage("eve", "max", "where is it?")), commanded(secretMessage("max", "eve", "here")), commanded(secretMessage("sue", "eve", "well?")),
	commanded(secretMessage("ada", "sue", "over their heads")), commanded(secretMessage("ben", "max", "among others")),
	commanded(reads("max", "eve", 1)), commanded(drafts("eve", "max", "half a secret")), commanded(drafts("max", "eve", "another")),
	commanded(equalityStep{by: "eve", do: chat.TypingSet, args: func(*equality) any {
		return chat.TypingSetArgs{ConversationID: chat.DirectID(simUser("eve"), simUser("max")), Typing: true}
	}}),
	commanded(equalityStep{by: "eve", do: chat.StatusSet, what: "break", args: func(*equality) any {
		return chat.StatusSetArgs{State: chat.WorkBreak, Reason: "a secret"}
	}}),
	commanded(disturbs("eve", "at night", chat.AttentionUpdateArgs{QuietHours: &nights})), commanded(mutes("eve", "max", true)),
	commanded(rests("eve", true)), commanded(rests("eve", false)),
	commanded(subscribes("eve")), commanded(equalityStep{by: "eve", do: chat.PushUnsubscribe}),
	inOrder("a room", chat.RoomCreate, gathers("max", 1, "Quality", "sue"), secretlyIn("max", 1, "among experts"), secretlyIn("sue", 1, "yes")),
	inOrder("an invitation", chat.RoomInvite, gathers("max", 2, "Orders"), secretlyIn("max", 2, "come in"), invites("max", 2, "ada")),
	inOrder("somebody leaves", chat.RoomLeave, gathers("max", 3, "Shifts", "sue"), leaves("sue", 3)),
	silently(equalityStep{by: "eve", do: chat.Ping}, "it asks for nothing"),
	silently(equalityStep{by: "eve", do: chat.Hello}, "it is refused"),
	silently(equalityStep{by: "eve", do: chat.SessionList}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.UserList}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.AuditList, args: func(*equality) any { return chat.AuditListArgs{Limit: 5} }}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.AuditVerify}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.MonitoringList}, "it only reads"),
	commanded(watchedBy(simSouth, "sue")),
	commanded(equalityStep{by: "ada", do: chat.MonitoringShow, what: "while nobody is watched", args: func(*equality) any { return chat.MonitoringShowArgs{Shown: true} }}),
	inOrder("watching is shown to nobody", chat.MonitoringShow,
		equalityStep{by: "ada", do: chat.MonitoringShow, args: func(*equality) any { return chat.MonitoringShowArgs{Shown: true} }},
		equalityStep{by: "ada", do: chat.MonitoringShow, args: func(*equality) any { return chat.MonitoringShowArgs{} }}),
	silently(equalityStep{by: "sue", do: chat.TranscriptList, args: func(*equality) any { return chat.TranscriptListArgs{Limit: 5} }}, "it only reads"),
	inOrder("sue reads what ana wrote", chat.TranscriptLoad, watchedBy(simNorth, "sue"), loadsTranscript("sue", "ana", "max")),
	inOrder("sue follows ana for a moment", chat.TranscriptUnwatch, watchedBy(simNorth, "sue"), follows("sue", chat.TranscriptWatch, "ana", "max"),
		follows("sue", chat.TranscriptUnwatch, "ana", "max")),
	inOrder("sue follows ana", chat.TranscriptWatch, watchedBy(simNorth, "sue"), follows("sue", chat.TranscriptWatch, "ana", "max")),
	silently(equalityStep{by: "eve", do: chat.HistoryLoad, args: func(*equality) any {
		return chat.HistoryLoadArgs{ConversationID: chat.DirectID(simUser("eve"), simUser("max")), Limit: 5}
	}}, "it only reads"),
	commanded(equalityStep{by: "eve", do: chat.SessionEnd, args: func(e *equality) any {
		return chat.SessionEndArgs{SessionID: e.of("eve").desk.keys.secret.SessionID}
	}}),
	silently(equalityStep{by: "eve", do: chat.PasswordChange, args: func(*equality) any {
		return chat.PasswordChangeArgs{Old: simPassword, New: simPassword}
	}}, "no other session of hers ends"),
	silently(equalityStep{by: "eve", do: chat.FactorShow}, "it only reads"),
	silently(equalityStep{by: "eve", do: chat.FactorBegin, args: beginsFactor}, "nothing is in force yet"),
	commanded(confirmsFactor("eve")),
	inOrder("eve has new recovery codes", chat.FactorRenew, confirmsFactor("eve"), renewsRecovery("eve")),
	inOrder("eve switches the second factor off", chat.FactorDisable, confirmsFactor("eve"), disablesFactor("eve")),
	inOrder("eve's second factor is reset", chat.UserResetFactor, confirmsFactor("eve"), resetsFactor("eve")),
	commanded(equalityStep{by: "ada", do: chat.UserSetPassword, what: "of eve", args: func(*equality) any {
		return chat.UserSetPasswordArgs{UserID: simUser("eve"), Password: simPassword}
	}}),
	commanded(equalityStep{by: "ada", do: chat.UserAdd, what: "to South", args: func(*equality) any {
		return chat.UserAddArgs{Name: "zoe", DisplayName: "Zoe", Role: chat.RoleAgent, Group: "South", Password: simPassword}
	}}),
	commanded(updates("eve", "another title", func(a *chat.UserUpdateArgs) { title := "Spies"; a.Title = &title })),
	commanded(updates("eve", "another name", func(a *chat.UserUpdateArgs) { name := "Mata"; a.DisplayName = &name })),
	commanded(updates("eve", "ana's team", func(a *chat.UserUpdateArgs) { teams := []string{"Night"}; a.Teams = &teams })),
	commanded(equalityStep{by: "ada", do: chat.UserUpdateMany, what: "eve's title", args: func(e *equality) any {
		title := "Spies by night"
		return chat.UserUpdateManyArgs{Users: []chat.UserRevision{{UserID: simUser("eve"), Revision: e.people[simUser("eve")].Revision}},
			Fields: chat.UserFields{Title: &title}}
	}}),
	commanded(imports("eve's title", "name,title\neve,Spies by day\n")),
	commanded(imports("to South", "name,role,group,password\nyan,agent,South,"+simPassword+"\n")),
	commanded(groups(chat.GroupCreate, "East")), commanded(groups(chat.GroupUpdate, "South")),
	inOrder("a new group of another kind", chat.GroupUpdate, groups(chat.GroupCreate, "Upper"), groups(chat.GroupUpdate, "Upper")),
	inOrder("another default group", chat.GroupSetDefault, groups(chat.GroupCreate, "First"), groups(chat.GroupSetDefault, "First"), groups(chat.GroupSetDefault, "South")),
	inOrder("a group that goes", chat.GroupDelete, groups(chat.GroupCreate, "Last"), groups(chat.GroupDelete, "Last")),
	inOrder("a queue", chat.QueueCreate, queues(chat.QueueCreate), queues(chat.QueueDelete)),
	inOrder("a queue of another name", chat.QueueUpdate, queues(chat.QueueCreate), queues(chat.QueueUpdate), queues(chat.QueueDelete)),
	inOrder("a queue that goes", chat.QueueDelete, queues(chat.QueueCreate), queues(chat.QueueDelete)),
	silently(moves("eve", "West"), "nobody else stands there"), silently(moves("eve", "South"), "nobody else stands there"),
	inOrder("a template of others", chat.TemplateCreate, teams(chat.TeamCreate), templates(chat.TemplateCreate, 9, "Early")),
	inOrder("a template of others that changes", chat.TemplateUpdate, teams(chat.TeamCreate), templates(chat.TemplateCreate, 9, "Early"),
		templates(chat.TemplateUpdate, 9, "Early")),
	inOrder("a template of others that goes", chat.TemplateDelete, teams(chat.TeamCreate), templates(chat.TemplateCreate, 9, "Early"),
		templates(chat.TemplateDelete, 9, "Early")),
	silently(equalityStep{by: "ada", do: chat.TemplateList}, "it only reads"),
	commanded(settings("eve", "no start", true, chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone, Targets: []string{}})),
	{name: "whom ana may start with", does: chat.SettingsUpdate, do: startsWith("max", "eve"), instead: startsWith("max"), silent: "others are not told whom she may write to"},
	{name: "eve is very busy", do: func(e *equality) { // more than may wait for a feed, and more than fits into a frame
		for i := range 40 {
			title := fmt.Sprintf("%d %s", i, strings.Repeat("busy ", 12))
			step := updates("eve", "busy", func(a *chat.UserUpdateArgs) { a.Title = &title })
			e.try(&step)
		}
	}},
	{name: "eve goes and comes", do: func(e *equality) {
		o := e.of("eve")
		o.feed.Close()
		d := o.desk
		d.crash()
		for _, c := range slices.Clone(e.conns) {
			if c.left {
				c.hang(e.simWorld, nil)
			}
		}
		e.settle()
		d.open()
		o.connect()
	}},
	commanded(activates("eve", false)), commanded(activates("eve", true)),
}

// watchedBy lets a supervisor read and follow the agents of a group.
func watchedBy(group chat.GroupID, who string) equalityStep {
	return equalityStep{by: "ada", do: chat.MonitoringUpdate, what: "by " + who, args: func(*equality) any {
		ids := []chat.UserID{simUser(who)}
		return chat.MonitoringUpdateArgs{Rule: chat.MonitoringRule{GroupID: group, Transcripts: ids, Live: ids}}
	}}
}

func loadsTranscript(by, a, b string) equalityStep {
	return equalityStep{by: by, do: chat.TranscriptLoad, what: a + " and " + b, args: func(*equality) any {
		return chat.HistoryLoadArgs{ConversationID: chat.DirectID(simUser(a), simUser(b)), Limit: 5}
	}}
}

// follows begins or ends following a conversation.
func follows(by string, do chat.CommandName, a, b string) equalityStep {
	return equalityStep{by: by, do: do, what: a + " and " + b, args: func(*equality) any {
		return chat.TranscriptWatchArgs{ConversationID: chat.DirectID(simUser(a), simUser(b))}
	}}
}

// startsWith sets whom ana may write to first. What she is told of it must not depend on names she may not know.
func startsWith(names ...string) func(e *equality) {
	return func(e *equality) {
		s := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{}}
		for _, name := range names {
			s.Targets = append(s.Targets, string(simUser(name)))
		}
		step := settings("ana", "named", true, s)
		e.try(&step)
	}
}

// play tells the script and returns what ana was told, frame by frame, and what the others were. happens says which secrets
// do; wall whether eve stands behind it; resting lets ana take what there is only now and then, and come back from an absence,
// so that what is hidden and what is not lie in one queue and in one piece of the log; administers gives ana every permission that
// lets somebody administer, of which the wall must take its part.
func play(t *testing.T, happens func(i int) bool, wall, resting, administers bool) (ana, others []string) {
	t.Helper()
	e := newEquality(t)
	if administers {
		for _, s := range mightyAna {
			e.try(&s)
			e.settle()
		}
	}

	group := "South"
	if !wall {
		group = "North"
	}
	for _, s := range []equalityStep{
		moves("eve", "North"), says("eve", "ana", "before the wall"), says("ana", "eve", "as well"),
		updates("ana", "a team", func(a *chat.UserUpdateArgs) { teams := []string{"Night"}; a.Teams = &teams }),
		says("max", "ana", "known"), moves("eve", group),
	} {
		e.try(&s)
		e.settle()
	}
	o := e.of("ana")
	for _, each := range e.observers {
		each.heard = nil
	}
	o.asleep = resting
	for i, s := range secrets {
		if happens(i) {
			s.do(e)
		} else if s.instead != nil {
			s.instead(e)
		}
		e.settle()
		e.clock = e.clock.Add(time.Second)
		visible := says("max", "ana", fmt.Sprint("in sight ", i))
		e.try(&visible)
		e.settle()
		if !resting || i%6 != 5 {
			continue
		}
		if i%12 == 5 { // an absence ends
			o.feed.Close()
			o.connect()
		}
		o.asleep = false
		e.settle()
		o.asleep = true
	}
	o.asleep = false
	for _, p := range probes("eve") {
		step := equalityStep{by: "ana", do: p.do, args: p.args}
		e.try(&step)
		e.settle()
	}
	o.feed.Close() // and what somebody new is told
	o.cursor = ""
	o.connect()
	e.settle()
	for _, each := range e.observers {
		if each != o {
			others = append(others, each.heard...)
		}
	}
	return plainWords(o.heard), plainWords(others)
}

var cursorWord = regexp.MustCompile(`"(prev|cursor)":"([^"]*)"`)

// plainWords replaces cursors and new ids by their order of coming up.
func plainWords(frames []string) []string {
	cursors := map[string]int{}
	text := cursorWord.ReplaceAllStringFunc(strings.Join(frames, "\n"), func(s string) string {
		m := cursorWord.FindStringSubmatch(s)
		if _, ok := cursors[m[2]]; !ok {
			cursors[m[2]] = len(cursors)
		}
		return fmt.Sprintf(`"%s":"%d of %d bytes"`, m[1], cursors[m[2]], len(m[2]))
	})
	return strings.Split(steadyIDs(text), "\n")
}

// firstDifference returns where two tellings part, or "".
func firstDifference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return "only in the second world: " + b[i]
		case i >= len(b):
			return "only in the first world: " + a[i]
		case a[i] != b[i]:
			return fmt.Sprintf("frame %d:\n  %s\n  %s", i, a[i], b[i])
		}
	}
	return ""
}

// forEverybody are commands whose effect nobody is to be spared.
var forEverybody = []chat.CommandName{chat.OrganisationUpdate}

func always(int) bool { return true }
func never(int) bool  { return false }

func TestTwoWorlds(t *testing.T) {
	frames, bytes := 0, 0
	for _, how := range []struct{ resting, administers bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		happens := always
		if how.administers { // whoever reads the setup is told of all permission sets and of the edition
			happens = func(i int) bool { return !slices.Contains(forSetupReaders, secrets[i].does) }
		}
		one, _ := play(t, happens, true, how.resting, how.administers)
		two, _ := play(t, never, true, how.resting, how.administers)
		if diff := firstDifference(one, two); diff != "" {
			t.Errorf("ana (%+v) can tell the worlds apart: %s", how, diff)
		}
		frames += len(one)
		for _, f := range one {
			bytes += len(f)
		}
	}
	covered(t)
	report(t, "two worlds", len(secrets), "secrets", len(probes("")), "questions", frames, "frames", bytes, "bytes compared", 0, "differences")
}

// covered fails if a command is neither asked by the observer nor among the secrets.
func covered(t *testing.T) {
	t.Helper()
	for name := range chat.Commands {
		if !slices.ContainsFunc(probes(""), func(p probe) bool { return p.do == name }) {
			t.Errorf("the observer does not ask %s", name)
		}
		secretly := slices.ContainsFunc(secrets, func(s secret) bool { return s.does == name })
		if !secretly && !slices.Contains(forEverybody, name) {
			t.Errorf("%s is not among the secrets", name)
		}
	}
}

// TestTwoWorlds_fires is the control: without the wall the same comparison finds differences, and each secret is told to
// somebody, so that none is hidden only because nothing happens.
func TestTwoWorlds_fires(t *testing.T) {
	one, _ := play(t, always, false, false, false)
	two, _ := play(t, never, false, false, false)
	if firstDifference(one, two) == "" {
		t.Error("without the wall ana is told the same in both worlds")
	}
	_, nothing := play(t, never, true, false, false)
	for i, s := range secrets {
		if s.silent != "" || testing.Short() || !soak && i%4 != 0 {
			continue
		}
		_, something := play(t, func(j int) bool { return j == i }, true, false, false)
		if firstDifference(something, nothing) == "" {
			t.Errorf("nobody is told of: %s", s.name)
		}
	}
}
