package proof

import (
	"fmt"
	"strings"

	"parley/backend/chat"
)

// The pieces of the story.

func (e *equality) message(a, b, text string) chat.MessagePostArgs {
	e.messages++
	return chat.MessagePostArgs{ID: chat.MessageID(fmt.Sprintf("01900000-0000-7000-8000-%012d", e.messages)),
		ConversationID: chat.DirectID(simUser(a), simUser(b)), Text: text}
}

func says(by, to, text string) equalityStep {
	return equalityStep{by: by, do: chat.MessagePost, what: "to " + to, args: func(e *equality) any { return e.message(by, to, text) }}
}

func reads(by, with string, n int64) equalityStep {
	return equalityStep{by: by, do: chat.ReadMark, args: func(*equality) any {
		return chat.ReadMarkArgs{ConversationID: chat.DirectID(simUser(by), simUser(with)), N: n}
	}}
}

func drafts(by, with, text string) equalityStep {
	return equalityStep{by: by, do: chat.DraftSet, what: fmt.Sprintf("%q to %s", text, with), args: func(*equality) any {
		return chat.DraftSetArgs{ConversationID: chat.DirectID(simUser(by), simUser(with)), Text: text}
	}}
}

func updates(name, what string, change func(a *chat.UserUpdateArgs)) equalityStep {
	return equalityStep{by: "ada", do: chat.UserUpdate, what: name + ": " + what, args: func(e *equality) any {
		a := chat.UserUpdateArgs{UserID: simUser(name), Revision: e.people[simUser(name)].Revision}
		change(&a)
		return a
	}}
}

func settings(name, what string, now bool, s chat.MessagingSettings) equalityStep {
	return equalityStep{by: "ada", do: chat.SettingsUpdate, what: name + ": " + what, args: func(e *equality) any {
		return chat.SettingsUpdateArgs{UserID: simUser(name), Revision: e.people[simUser(name)].Revision, Settings: s, ApplyNow: now}
	}}
}

func organisation(what string, change func(o *chat.Organisation)) equalityStep {
	return equalityStep{by: "ada", do: chat.OrganisationUpdate, what: what, args: func(e *equality) any {
		o := e.of("ada").state.Organisation
		change(&o)
		return chat.OrganisationUpdateArgs{Organisation: o}
	}}
}

func moves(name, group string) equalityStep {
	return updates(name, "into "+group, func(a *chat.UserUpdateArgs) { a.Group = &group })
}

func becomes(name string, role chat.Role) equalityStep {
	return updates(name, "becomes "+string(role), func(a *chat.UserUpdateArgs) { a.Role = &role })
}

func activates(name string, active bool) equalityStep {
	return updates(name, fmt.Sprint("active ", active), func(a *chat.UserUpdateArgs) { a.Active = &active })
}

// equalityRoom is the id of the story's nth room.
func equalityRoom(n int) chat.ConversationID {
	return chat.ConversationID(fmt.Sprintf("r.01a00000-0000-7000-8000-%012d", n))
}

func gathers(by string, n int, name string, with ...string) equalityStep {
	return equalityStep{by: by, do: chat.RoomCreate, what: name, args: func(*equality) any {
		return chat.RoomCreateArgs{ID: equalityRoom(n), Name: name, Participants: simUsers(with)}
	}}
}

func invites(by string, n int, who ...string) equalityStep {
	return equalityStep{by: by, do: chat.RoomInvite, what: strings.Join(who, ", "), args: func(*equality) any {
		return chat.RoomInviteArgs{ConversationID: equalityRoom(n), UserIDs: simUsers(who)}
	}}
}

func leaves(by string, n int) equalityStep {
	return equalityStep{by: by, do: chat.RoomLeave, args: func(*equality) any { return chat.RoomLeaveArgs{ConversationID: equalityRoom(n)} }}
}

func simUsers(names []string) []chat.UserID {
	ids := []chat.UserID{}
	for _, name := range names {
		ids = append(ids, simUser(name))
	}
	return ids
}

func saysIn(by string, n int, text string) equalityStep {
	return equalityStep{by: by, do: chat.MessagePost, what: "in a room", args: func(e *equality) any {
		m := e.message(by, "ana", text)
		m.ConversationID = equalityRoom(n)
		return m
	}}
}

func draftsIn(by string, n int, text string) equalityStep {
	return equalityStep{by: by, do: chat.DraftSet, what: fmt.Sprintf("%q in a room", text), args: func(*equality) any {
		return chat.DraftSetArgs{ConversationID: equalityRoom(n), Text: text}
	}}
}

func readsIn(by string, n int, upTo int64) equalityStep {
	return equalityStep{by: by, do: chat.ReadMark, what: "in a room", args: func(*equality) any {
		return chat.ReadMarkArgs{ConversationID: equalityRoom(n), N: upTo}
	}}
}

// equalityStory uses every command in every way in which it changes what somebody holds. The order matters: rights are changed
// while there are conversations to lose and to gain.
var equalityStory = []equalityStep{
	{by: "ana", do: chat.Ping},
	{by: "ana", do: chat.Hello, what: "again"},
	says("ana", "ben", "the first"), says("ben", "ana", "the second"), says("ana", "max", "hello"), says("max", "ana", "yes?"),
	says("sue", "ana", "a word"), says("eve", "max", "behind the wall"), says("ada", "eve", "from above"), says("max", "sue", "hm"),
	reads("ana", "max", 2), reads("ben", "ana", 1), reads("sue", "max", 1),
	drafts("ana", "ben", "half a"), drafts("ana", "ben", ""), drafts("ana", "max", "to be kept"), drafts("ben", "sue", "not begun"),
	drafts("max", "ada", "not begun"), drafts("ben", "sue", ""), says("max", "ada", "begun after all"),
	{by: "ana", do: chat.HistoryLoad, args: func(*equality) any {
		return chat.HistoryLoadArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), Limit: 1}
	}},
	{by: "ana", do: chat.MessageSearch, args: func(*equality) any { return chat.MessageSearchArgs{Text: "hello", Limit: 5} }},
	{by: "ana", do: chat.TypingSet, args: func(*equality) any {
		return chat.TypingSetArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), Typing: true}
	}},
	{by: "ana", do: chat.StatusSet, what: "break", args: func(*equality) any { return chat.StatusSetArgs{State: chat.WorkBreak, Reason: "lunch"} }},
	{by: "eve", do: chat.StatusSet, what: "wrap-up", args: func(*equality) any { return chat.StatusSetArgs{State: chat.WorkWrapUp} }},
	{by: "ana", do: chat.StatusSet, what: "back", args: func(*equality) any { return chat.StatusSetArgs{State: chat.WorkAvailable} }},
	{by: "ben", do: chat.SessionList},
	{by: "max", do: chat.SessionEnd, what: "its own", args: func(e *equality) any {
		return chat.SessionEndArgs{SessionID: e.of("max").desk.keys.secret.SessionID}
	}},
	{by: "sue", do: chat.PasswordChange, args: func(*equality) any {
		return chat.PasswordChangeArgs{Old: simPassword, New: simPassword}
	}},
	{by: "sue", do: chat.FactorBegin, args: beginsFactor}, confirmsFactor("sue"), {by: "sue", do: chat.FactorShow}, renewsRecovery("sue"), disablesFactor("sue"),
	resetsFactor("sue"), confirmsFactor("max"), resetsFactor("max"),
	{by: "ada", do: chat.UserSetPassword, what: "of eve", args: func(*equality) any {
		return chat.UserSetPasswordArgs{UserID: simUser("eve"), Password: simPassword}
	}},
	{by: "ada", do: chat.UserList},
	{by: "ada", do: chat.AuditList, args: func(*equality) any { return chat.AuditListArgs{Limit: 5} }},
	{by: "ada", do: chat.AuditVerify},
	groups(chat.GroupCreate, "East"), groups(chat.GroupUpdate, "North"), groups(chat.GroupUpdate, "East"), groups(chat.GroupSetDefault, "East"),
	groups(chat.GroupSetDefault, "North"), groups(chat.GroupDelete, "East"),
	teams(chat.TeamCreate), teams(chat.TeamRename), queues(chat.QueueCreate), queues(chat.QueueUpdate), queues(chat.QueueDelete), teams(chat.TeamDelete),
	templates(chat.TemplateCreate, 1, ""), templates(chat.TemplateUpdate, 1, ""), {by: "ada", do: chat.TemplateList},
	teams(chat.TeamCreate), templates(chat.TemplateCreate, 2, "Early"), templates(chat.TemplateDelete, 2, "Early"), teams(chat.TeamDelete),
	{by: "ada", do: chat.UserUpdateMany, what: "a title for two", args: func(e *equality) any {
		title, many := "At the front", chat.UserUpdateManyArgs{}
		for _, name := range []string{"ben", "eve"} {
			many.Users = append(many.Users, chat.UserRevision{UserID: simUser(name), Revision: e.people[simUser(name)].Revision})
		}
		many.Fields.Title = &title
		return many
	}},
	{by: "ada", do: chat.UserAdd, what: "an agent of South, of a new team", args: func(*equality) any {
		return chat.UserAddArgs{Name: "zoe", DisplayName: "Zoe", Role: chat.RoleAgent, Group: "South", Teams: []string{"Night"}, Password: simPassword}
	}},
	updates("ben", "another title", func(a *chat.UserUpdateArgs) { title := "Orders"; a.Title = &title }),
	updates("ana", "another name", func(a *chat.UserUpdateArgs) { name := "Ana Maria"; a.DisplayName = &name }),
	templates(chat.TemplateCreate, 3, "Night"),
	updates("ana", "a team", func(a *chat.UserUpdateArgs) { teams := []string{"Night", "Furniture"}; a.Teams = &teams }),
	templates(chat.TemplateDelete, 1, ""),
	moves("ana", "South"), says("ana", "eve", "on this side"), says("max", "ana", "still there"), drafts("ana", "eve", "more"),
	moves("ana", "North"), says("max", "eve", "she is gone"), moves("ben", "South"), moves("ana", "South"), moves("ana", "West"), moves("ana", "North"),
	becomes("ben", chat.RoleExpert), says("ben", "eve", "as an expert"), becomes("ben", chat.RoleAgent), becomes("sue", chat.RoleAgent),
	becomes("sue", chat.RoleSupervisor),
	activates("max", false), activates("max", true),
	settings("ana", "no start", true, chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone, Targets: []string{}}),
	settings("ben", "experts only", true, chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"expert"}}),
	settings("eve", "named people", true, chat.MessagingSettings{Start: true, Scope: chat.StartUsers, Targets: []string{string(simUser("ana")), string(simUser("max"))}}),
	settings("sue", "at the next sign-in", false, chat.MessagingSettings{Start: true, Scope: chat.StartEveryone, Targets: []string{}}),
	says("max", "ana", "may you answer?"), says("ana", "max", "I may"), says("max", "ben", "hello, expert here"),
	organisation("superiors only", func(o *chat.Organisation) { o.Mode = chat.ModeSuperiorsOnly }),
	organisation("a shorter window", func(o *chat.Organisation) { o.Mode, o.ReplyWindowMs = chat.ModeAdministratorsStart, 3600_000 }),
	organisation("off", func(o *chat.Organisation) { o.Messaging = false }),
	organisation("on again", func(o *chat.Organisation) {
		o.Messaging, o.Mode, o.ReplyWindowMs, o.Name = true, chat.ModeEveryone, chat.DefaultReplyWindowMs, "Another name"
	}),
	gathers("max", 1, "Quality", "sue"), saysIn("max", 1, "welcome"), saysIn("sue", 1, "thanks"), readsIn("max", 1, 2), draftsIn("sue", 1, "half a"),
	invites("sue", 1, "ada"), saysIn("ada", 1, "I have read it all"), gathers("ada", 2, "Nobody else"), leaves("sue", 1), saysIn("max", 1, "she is gone"),
	invites("max", 1, "sue", "ada"), gathers("sue", 3, "Shifts", "max", "ada"), leaves("max", 3), readsIn("sue", 1, 4),
	organisation("off, in rooms too", func(o *chat.Organisation) { o.Messaging = false }),
	organisation("on in rooms", func(o *chat.Organisation) { o.Messaging = true }),
	updates("sue", "a title seen in the room", func(a *chat.UserUpdateArgs) { title := "Head of shifts"; a.Title = &title }),
	becomes("sue", chat.RoleAgent), becomes("sue", chat.RoleSupervisor), activates("max", false), activates("max", true), invites("ada", 1, "sue"),
	says("ada", "ana", "the last"),
}
