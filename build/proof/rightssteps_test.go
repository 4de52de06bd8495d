package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"parley/backend/chat"
)

// learns has ada, the administrator, read something beside the story.
func (e *equality) learns(do chat.CommandName, args, answer any) {
	e.t.Helper()
	e.asks("ada", do, args, answer)
}

// asks has somebody give a command beside the story.
func (e *equality) asks(who string, do chat.CommandName, args, answer any) {
	e.t.Helper()
	actor, err := e.hub.Authenticate(e.of(who).desk.link.token)
	if err != nil {
		e.t.Fatal(err)
	}
	raw, err := e.hub.Do(context.Background(), actor, do, args)
	if err == nil {
		err = json.Unmarshal(raw, answer)
	}
	if err != nil {
		e.t.Fatalf("%s: %v", do, err)
	}
}

// set returns the permission set of a label.
func (e *equality) set(label string) chat.PermissionSet {
	e.t.Helper()
	var list chat.SetListAnswer
	e.learns(chat.SetList, struct{}{}, &list)
	for _, s := range list.Sets {
		if s.Label == label {
			return s
		}
	}
	e.t.Fatalf("there is no permission set %q", label)
	return chat.PermissionSet{}
}

func (e *equality) revision(name string) chat.UserRevision {
	return chat.UserRevision{UserID: simUser(name), Revision: e.people[simUser(name)].Revision}
}

// sets does something with the permission set of a label, or with its clone.
func sets(do chat.CommandName, label string, to ...string) equalityStep {
	return equalityStep{by: "ada", do: do, what: label, args: func(e *equality) any {
		switch do {
		case chat.SetCreate:
			return chat.SetCreateArgs{Set: chat.PermissionSet{Label: label, Permissions: []chat.Permission{chat.PermissionMessagingAgent}}}
		case chat.SetUpdate:
			s := e.set(label)
			s.Permissions = append(s.Permissions, chat.PermissionViewSetup)
			s.Statuses = []chat.WorkState{chat.WorkAvailable, chat.WorkBreak}
			return chat.SetUpdateArgs{Set: s}
		case chat.SetClone:
			return chat.SetCloneArgs{SetID: e.set(label).ID, Label: label + ", again"}
		case chat.SetDelete:
			s := e.set(label + ", again")
			return chat.SetDeleteArgs{SetID: s.ID, Revision: s.Revision}
		}
		args := chat.SetAssignArgs{Enable: []chat.SetRevision{e.set(label).Seen()}, Disable: []chat.SetRevision{}}
		for _, name := range to {
			args.Users = append(args.Users, e.revision(name))
		}
		return args
	}}
}

// licenses gives somebody a license.
func licenses(to string, l chat.License) equalityStep {
	return equalityStep{by: "ada", do: chat.LicenseAssign, what: string(l) + " to " + to, args: func(e *equality) any {
		return chat.LicenseAssignArgs{Users: []chat.UserRevision{e.revision(to)}, License: l}
	}}
}

// buys changes the edition, as its assistant proposes.
func buys(edition chat.Edition) equalityStep {
	return equalityStep{by: "ada", do: chat.EditionUpdate, what: string(edition), args: func(e *equality) any {
		var p chat.EditionPreviewAnswer
		e.learns(chat.EditionPreview, chat.EditionPreviewArgs{Edition: edition}, &p)
		return chat.EditionUpdateArgs{Edition: edition, Revision: p.Revision}
	}}
}

// asksFor has somebody ask for the right to write to another, and declines what was asked for first.
func asksFor(who, other string) equalityStep {
	return equalityStep{by: who, do: chat.RequestMake, what: "to write to " + other, args: func(*equality) any {
		return chat.RequestMakeArgs{Act: chat.ActStart, OtherID: simUser(other), Text: "please"}
	}}
}

func declines() equalityStep {
	return equalityStep{by: "ada", do: chat.RequestDecide, what: "no", args: func(e *equality) any {
		var list chat.RequestListAnswer
		e.learns(chat.RequestList, chat.RequestListArgs{All: true}, &list)
		for _, r := range list.Requests {
			if r.State == chat.RequestOpen {
				return chat.RequestDecideArgs{ID: r.ID, Note: "not now"}
			}
		}
		e.t.Fatal("nobody asks for anything")
		return nil
	}}
}

// imports adds and changes users by a table.
func imports(what, csv string) equalityStep {
	return equalityStep{by: "ada", do: chat.UserImport, what: what, args: func(e *equality) any {
		args := chat.UserImportArgs{CSV: csv, DryRun: true}
		var dry chat.UserImportAnswer
		e.learns(chat.UserImport, args, &dry)
		args.DryRun = false
		for _, u := range dry.Users {
			args.Revisions = append(args.Revisions, u.Revision)
		}
		return args
	}}
}

// last returns the newest message of somebody's that they can see in the conversation with another; the one before it with skip 1.
func (e *equality) last(by, other string, skip int) chat.Message {
	e.t.Helper()
	talk := e.of(by).state.Talks[chat.DirectID(simUser(by), simUser(other))]
	for i := len(talk.Tail) - 1; i >= 0; i-- {
		if m := talk.Tail[i]; m.AuthorID == simUser(by) && !m.Deleted() {
			if skip == 0 {
				return m
			}
			skip--
		}
	}
	e.t.Fatalf("%s has written too little to %s", by, other)
	return chat.Message{}
}

// rewrites has somebody edit one of their last messages, with formatting if document is not empty.
func rewrites(by, other string, skip int, text, document string) equalityStep {
	return equalityStep{by: by, do: chat.MessageEdit, what: text, args: func(e *equality) any {
		m := e.last(by, other, skip)
		return chat.MessageEditArgs{ConversationID: m.ConversationID, ID: m.ID, Revision: m.Revision, Text: text, Document: json.RawMessage(document)}
	}}
}

// takesBack has somebody delete one of their last messages.
func takesBack(by, other string, skip int) equalityStep {
	return equalityStep{by: by, do: chat.MessageDelete, what: "to " + other, args: func(e *equality) any {
		m := e.last(by, other, skip)
		return chat.MessageDeleteArgs{ConversationID: m.ConversationID, ID: m.ID}
	}}
}

// reactsTo has somebody put a reaction under the last message of an author, or take it away.
func reactsTo(by, author, other, emoji string, on bool) equalityStep {
	return equalityStep{by: by, do: chat.MessageReact, what: emoji, args: func(e *equality) any {
		m := e.last(author, other, 0)
		return chat.MessageReactArgs{ConversationID: m.ConversationID, ID: m.ID, Emoji: emoji, On: on}
	}}
}

// answers has somebody quote the last message of the other.
func answers(by, other, text string) equalityStep {
	step := says(by, other, text)
	post := step.args
	step.args = func(e *equality) any {
		args := post(e).(chat.MessagePostArgs)
		args.ReplyToID = e.last(other, by, 0).ID
		return args
	}
	return step
}

// asksVersions has somebody read what a message of the author's was, by whichever command they may.
func asksVersions(by string, do chat.CommandName, author, other string) equalityStep {
	return equalityStep{by: by, do: do, what: "of " + author, args: func(e *equality) any {
		m := e.last(author, other, 0)
		return chat.MessageVersionsArgs{ConversationID: m.ConversationID, ID: m.ID}
	}}
}

// foretells asks what another mode would change.
func foretells() equalityStep {
	return equalityStep{by: "ada", do: chat.ChangePreview, args: func(e *equality) any {
		o := e.of("ada").state.Organisation
		o.Mode = chat.ModeSuperiorsOnly
		return chat.ChangePreviewArgs{Changes: []chat.Change{{Do: chat.OrganisationUpdate, Args: json.RawMessage(simJSON(chat.OrganisationUpdateArgs{Organisation: o}))}}}
	}}
}

// disturbs has somebody choose how to be disturbed.
func disturbs(who, what string, args chat.AttentionUpdateArgs) equalityStep {
	return equalityStep{by: who, do: chat.AttentionUpdate, what: what, args: func(*equality) any { return args }}
}

// mutes has somebody say whether a conversation disturbs them.
func mutes(who, other string, muted bool) equalityStep {
	return equalityStep{by: who, do: chat.ConversationMute, what: fmt.Sprint(other, " ", muted), args: func(*equality) any {
		return chat.ConversationMuteArgs{ConversationID: chat.DirectID(simUser(who), simUser(other)), Muted: muted}
	}}
}

// rests has somebody leave one of their devices, or come back to it.
func rests(who string, idle bool) equalityStep {
	return equalityStep{by: who, do: chat.IdleSet, what: fmt.Sprint(idle), args: func(*equality) any { return chat.IdleSetArgs{Idle: idle} }}
}

// aSubscription is one at a push service. Its key is the generator of P-256.
var aSubscription = chat.PushSubscribeArgs{Endpoint: "https://push.example.com/x", Auth: strings.Repeat("A", 22), TimeZone: "Europe/Berlin",
	Key: "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}

// subscribes has somebody told of messages while no page is open.
func subscribes(who string) equalityStep {
	return equalityStep{by: who, do: chat.PushSubscribe, args: func(*equality) any { return aSubscription }}
}

// nights are quiet hours.
var nights = []chat.QuietHours{{Days: []int{1, 2, 3, 4, 5}, FromMinute: 22 * 60, ToMinute: 7 * 60}}

// The story goes on with what gives rights and with those who watch.
func init() {
	reads := func(by string, do chat.CommandName, args any) equalityStep {
		return equalityStep{by: by, do: do, args: func(*equality) any { return args }}
	}
	equalityStory = append(equalityStory,
		sets(chat.SetCreate, "Night shift"), sets(chat.SetUpdate, "Night shift"), sets(chat.SetClone, "Night shift"), sets(chat.SetDelete, "Night shift"),
		sets(chat.SetAssign, "Night shift", "ana", "sue"), reads("ada", chat.SetList, struct{}{}), licenses("ana", chat.LicenseMessagingUser),
		reads("ada", chat.EditionPreview, chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}), buys(chat.EditionContactCenter),
		reads("ana", chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActPost, OtherID: simUser("max")}), foretells(), reads("ada", chat.HealthCheck, struct{}{}),
		settings("ana", "no start once more", true, chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone, Targets: []string{}}),
		disturbs("ana", "at night", chat.AttentionUpdateArgs{QuietHours: &nights}),
		disturbs("ana", "once", chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderAfter, AfterMs: 60_000}, DoNotDisturb: &chat.DoNotDisturb{On: true}}),
		mutes("ana", "max", true), mutes("ana", "max", false), mutes("max", "ana", true), rests("ana", true), rests("ana", false),
		subscribes("ana"), reads("ana", chat.PushUnsubscribe, struct{}{}),
		asksFor("ana", "ada"), reads("ana", chat.RequestList, chat.RequestListArgs{}), declines(),
		reads("ada", chat.MonitoringList, struct{}{}), watchedBy(simNorth, "sue"), reads("ada", chat.MonitoringShow, chat.MonitoringShowArgs{Shown: true}),
		reads("sue", chat.TranscriptList, chat.TranscriptListArgs{Limit: 5}), loadsTranscript("sue", "ana", "max"),
		follows("sue", chat.TranscriptWatch, "ana", "max"), says("ana", "max", "heard by three"),
		rewrites("ana", "max", 0, "heard by three, and changed", ""), asksVersions("max", chat.MessageVersions, "ana", "max"),
		asksVersions("sue", chat.TranscriptVersions, "ana", "max"), says("ana", "max", "a mistake"), takesBack("ana", "max", 0),
		rewrites("ana", "max", 0, "", `{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"in bold","marks":[{"type":"bold"}]}]}]}`),
		answers("max", "ana", "so I see"), reactsTo("ana", "max", "ana", "👍", true), reactsTo("max", "max", "ana", "👍", true),
		reactsTo("ana", "max", "ana", "🎉", true), reactsTo("ana", "max", "ana", "🎉", false),
		follows("sue", chat.TranscriptUnwatch, "ana", "max"),
		imports("titles, a team that is new, somebody who is", "name,title,teams,role,password\nben,By a table,Tables,,\nsue,,,,\nyan,New,Tables,agent,"+simPassword+"\n"),
		imports("somebody else's password", "name,password\nben,"+simPassword+"\n"))
}
