package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// asked is a command as somebody may give it, whose faults are looked at. If it is taken, giving it again changes nothing.
type asked struct {
	do   chat.CommandName
	by   string
	args any
	// over are arguments beyond a limit.
	over []any
}

// creating are the commands that make something new of some of their faults, for example a team with an odd name, or a note in a
// room. What each leaves behind is seen by whoever gave it.
var creating = []chat.CommandName{chat.RoomSetTopic, chat.RoomUpdate, chat.GroupCreate, chat.TeamCreate, chat.QueueCreate, chat.SetCreate, chat.SetClone, chat.RequestMake}

// but returns args with a change.
func but[A any](args A, change func(*A)) A {
	change(&args)
	return args
}

// scene is what the commands are about: a conversation of mira and liam, two rooms, of which one is hidden from all who ask.
type scene struct {
	s             *rig.Server
	message       chat.MessagePostArgs
	rich          chat.MessagePostArgs
	filed         chat.MessagePostArgs
	reply         chat.MessagePostArgs // quotes message
	room          chat.RoomCreateArgs
	hiddenRoom    chat.ConversationID
	publicRoom    chat.ConversationID // hidden from agents
	hiddenMessage chat.MessagePostArgs
	organisation  chat.Organisation
	set           chat.PermissionSet
}

// richDocument has its fields in the order in which spoil writes them.
const richDocument = `{"content":[{"content":[{"marks":[{"attrs":{"href":"https://example.com"},"type":"link"}],"text":"rich","type":"text"}],"type":"paragraph"}],"type":"doc"}`

func newScene(s *rig.Server) *scene {
	mira, renata, stellan := s.As("mira"), s.As("renata"), s.As("stellan")
	c := &scene{s: s, message: mira.Message("liam", "hello"), rich: mira.Message("liam", ""),
		room:       chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: "Shifts", Participants: []chat.UserID{s.ID("liam")}},
		hiddenRoom: chat.NewRoomID(), publicRoom: chat.NewRoomID(), hiddenMessage: stellan.Message("yuki", "behind the wall")}
	c.rich.Document = []byte(richDocument)
	mira.Do(chat.MessagePost, c.message, nil)
	mira.Do(chat.MessagePost, c.rich, nil)
	c.filed = mira.WithFiles("liam", "with a file", mira.SendFile(c.message.ConversationID, "a.txt", []byte("words")))
	mira.Do(chat.MessagePost, c.filed, nil)
	c.reply = mira.Message("liam", "as I said")
	c.reply.ReplyToID, c.reply.Mentions = c.message.ID, []chat.UserID{s.ID("liam")}
	mira.Do(chat.MessagePost, c.reply, nil)
	renata.Do(chat.RoomCreate, c.room, nil)
	stellan.Do(chat.MessagePost, c.hiddenMessage, nil)
	stellan.Do(chat.RoomCreate, chat.RoomCreateArgs{ID: c.hiddenRoom, Name: "Hidden", Participants: []chat.UserID{s.ID("odile")}}, nil)
	stellan.Do(chat.RoomCreate, chat.RoomCreateArgs{ID: c.publicRoom, Name: "For all but agents", Public: true, Participants: []chat.UserID{}}, nil)
	mira.Barrier()
	c.organisation = mira.World().Organisation
	var made chat.SetAnswer
	s.As("ines").Do(chat.SetCreate, chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Night shift", Permissions: []chat.Permission{chat.PermissionMessagingAgent}}}, &made)
	c.set = made.Set
	return c
}

// commands is every command of the table but hello, which is asked on sockets of its own.
func (c *scene) commands() []asked {
	talk := c.message.ConversationID
	longText, longName, longPassword := strings.Repeat("t", chat.MaxTextLength+1), strings.Repeat("n", chat.MaxNameLength+1), strings.Repeat("p", chat.MaxPasswordBytes+1)
	crowd := make([]chat.UserID, chat.MaxRoomMembers+1)
	for i := range crowd {
		crowd[i] = chat.UserID(chat.NewUUID())
	}
	manyFiles := make([]chat.FileID, chat.MaxAttachments+1)
	for i := range manyFiles {
		manyFiles[i] = chat.NewFileID()
	}
	edit := chat.MessageEditArgs{ConversationID: talk, ID: c.message.ID, Revision: 0, Text: c.message.Text}
	history := chat.HistoryLoadArgs{ConversationID: talk, BeforeN: 2, Limit: 10}
	search := chat.MessageSearchArgs{Text: "hello", ConversationID: talk, AuthorID: c.s.ID("mira"), FromAt: 1, ToAt: 1 << 50, BeforeID: c.rich.ID, Limit: 10}
	draft, richDraft := chat.DraftSetArgs{ConversationID: talk, Text: "a draft"}, chat.DraftSetArgs{ConversationID: talk, Text: "rich", Document: []byte(richDocument)}
	invite := chat.RoomInviteArgs{ConversationID: c.room.ID, UserIDs: c.room.Participants}
	topic := chat.RoomSetTopicArgs{ConversationID: c.room.ID, Topic: "Who works when"}
	longTopic := strings.Repeat("t", chat.MaxTopicLength+1)
	room := chat.RoomUpdateArgs{ConversationID: c.room.ID, Name: &c.room.Name, Public: new(bool), OwnersInvite: new(bool), MembersTopic: new(bool)}
	nobody := chat.UserID(chat.NewUUID())
	status := chat.StatusSetArgs{State: chat.WorkBreak, Reason: "lunch"}
	code := chat.FactorCodeArgs{Code: "123456"}
	attention := chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderOff}, QuietHours: &nights, DoNotDisturb: &chat.DoNotDisturb{On: true, UntilAt: 1}}
	crowded := slices.Repeat(nights, chat.MaxQuietHours+1)
	subscription := aSubscription
	title, role, group, teams, active := "Title", chat.RoleAgent, rig.North, []string{rig.Sales}, true
	add := chat.UserAddArgs{Name: "mira", DisplayName: "Another", Role: role, Title: title, Group: group, Teams: teams, Password: "long enough"}
	update := chat.UserUpdateArgs{UserID: c.s.ID("mira"), Revision: 1 << 40, DisplayName: &title, Title: &title, Role: &role, Group: &group, Teams: &teams, Active: &active}
	table := chat.UserImportArgs{CSV: "name,title\nmira,From a table\n", FirstLine: 2}
	kind := chat.GroupFunctional
	many := chat.UserUpdateManyArgs{Users: []chat.UserRevision{{UserID: c.s.ID("mira"), Revision: 1 << 40}},
		Fields: chat.UserFields{Title: &title, Role: &role, Group: &group, AddTeams: teams, RemoveTeams: []string{rig.Night}, Active: &active}}
	password := chat.UserSetPasswordArgs{UserID: chat.UserID(chat.NewUUID()), Password: "long enough"}
	settings := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(c.s.ID("liam"))}}
	rule := chat.MonitoringUpdateArgs{Rule: chat.MonitoringRule{GroupID: chat.GroupID(chat.NewUUID()), Transcripts: []chat.UserID{c.s.ID("stellan")},
		Live: []chat.UserID{c.s.ID("renata")}}}
	request := chat.RequestMakeArgs{Act: chat.ActStart, OtherID: c.s.ID("stellan"), Text: "please"}
	decide := chat.RequestDecideArgs{ID: "r", Note: "no"}
	preview := chat.ChangePreviewArgs{Changes: []chat.Change{{Do: chat.OrganisationUpdate, Args: []byte(`{}`)}}}
	set := but(c.set, func(s *chat.PermissionSet) { s.Revision = 1 << 40 })
	nobodys := []chat.UserRevision{{UserID: c.s.ID("mira"), Revision: 1 << 40}}
	assign := chat.SetAssignArgs{Users: nobodys, Enable: []chat.SetRevision{c.set.Seen()}, Disable: []chat.SetRevision{}}
	licence := chat.LicenseAssignArgs{Users: nobodys, License: chat.LicenseMessagingUser}
	template := chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()), Content: chat.TemplateContent{Name: title, Shortcut: "hi", Document: []byte(richDocument),
		FileIDs: []chat.FileID{chat.NewFileID()}, TeamIDs: []chat.TeamID{"t"}, QueueIDs: []chat.QueueID{"q"}}}
	worded := func(text string) any {
		return but(template, func(a *chat.TemplateCreateArgs) { a.Content.Text, a.Content.Document = text, nil })
	}
	return []asked{
		{chat.Ping, "mira", struct{}{}, nil},
		{chat.MessagePost, "mira", c.message, []any{but(c.message, func(a *chat.MessagePostArgs) { a.Text = longText })}},
		{chat.MessagePost, "mira", c.rich, nil},
		{chat.MessagePost, "mira", c.filed, []any{but(c.filed, func(a *chat.MessagePostArgs) { a.FileIDs = manyFiles }), but(c.filed, func(a *chat.MessagePostArgs) { a.FileIDs = append(a.FileIDs, a.FileIDs...) })}},
		{chat.MessageEdit, "liam", edit, []any{but(edit, func(a *chat.MessageEditArgs) { a.Text = longText })}},
		{chat.MessageEdit, "liam", but(edit, func(a *chat.MessageEditArgs) { a.ID, a.Text, a.Document = c.rich.ID, "", c.rich.Document }), nil},
		{chat.MessageReact, "mira", chat.MessageReactArgs{ConversationID: talk, ID: c.hiddenMessage.ID, Emoji: "👍", On: true}, []any{
			chat.MessageReactArgs{ConversationID: talk, ID: c.message.ID, Emoji: "thumbs up", On: true}}},
		{chat.MessagePost, "mira", c.reply, []any{but(c.reply, func(a *chat.MessagePostArgs) { a.Mentions = crowd })}},
		{chat.MessageDelete, "mira", chat.MessageDeleteArgs{ConversationID: talk, ID: c.hiddenMessage.ID}, nil},
		{chat.MessageVersions, "mira", chat.MessageVersionsArgs{ConversationID: talk, ID: c.message.ID}, nil},
		{chat.TranscriptVersions, "mira", chat.MessageVersionsArgs{ConversationID: talk, ID: c.message.ID}, nil},
		{chat.HistoryLoad, "mira", history, []any{but(history, func(a *chat.HistoryLoadArgs) { a.Limit = chat.MaxHistoryPage + 1 }), but(history, func(a *chat.HistoryLoadArgs) { a.Limit = 0 })}},
		{chat.MessageSearch, "mira", search, []any{but(search, func(a *chat.MessageSearchArgs) { a.Limit = chat.MaxHistoryPage + 1 }),
			but(search, func(a *chat.MessageSearchArgs) { a.Text = longText })}},
		{chat.ReadMark, "mira", chat.ReadMarkArgs{ConversationID: talk, N: 2}, nil},
		{chat.DraftSet, "mira", draft, []any{but(draft, func(a *chat.DraftSetArgs) { a.Text = longText })}},
		{chat.DraftSet, "mira", richDraft, nil},
		{chat.TypingSet, "mira", chat.TypingSetArgs{ConversationID: talk, Typing: true}, nil},
		{chat.RoomCreate, "renata", c.room, []any{but(c.room, func(a *chat.RoomCreateArgs) { a.Name = longName }), but(c.room, func(a *chat.RoomCreateArgs) { a.Participants = crowd })}},
		{chat.RoomInvite, "renata", invite, []any{but(invite, func(a *chat.RoomInviteArgs) { a.UserIDs = crowd })}},
		{chat.RoomLeave, "renata", chat.RoomLeaveArgs{ConversationID: c.hiddenRoom, SuccessorID: nobody}, nil},
		{chat.RoomFind, "renata", chat.RoomFindArgs{Text: "all", Limit: 5}, []any{chat.RoomFindArgs{}, chat.RoomFindArgs{Limit: chat.MaxFoundRooms + 1},
			chat.RoomFindArgs{Text: longName + longName, Limit: 5}}},
		{chat.RoomJoin, "renata", chat.RoomJoinArgs{ConversationID: c.room.ID}, nil},
		{chat.RoomSetTopic, "renata", topic, []any{but(topic, func(a *chat.RoomSetTopicArgs) { a.Topic = longTopic })}},
		{chat.RoomUpdate, "renata", room, []any{but(room, func(a *chat.RoomUpdateArgs) { a.Name = &longName })}},
		{chat.RoomSetOwner, "renata", chat.RoomSetOwnerArgs{ConversationID: c.room.ID, UserID: nobody, Owner: true}, nil},
		{chat.RoomRemove, "renata", chat.RoomRemoveArgs{ConversationID: c.room.ID, UserIDs: []chat.UserID{nobody}}, []any{
			chat.RoomRemoveArgs{ConversationID: c.room.ID, UserIDs: crowd}}},
		{chat.StatusSet, "mira", status, []any{but(status, func(a *chat.StatusSetArgs) { a.Reason = longName })}},
		{chat.AttentionUpdate, "mira", attention, []any{but(attention, func(a *chat.AttentionUpdateArgs) { a.QuietHours = &crowded }),
			chat.AttentionUpdateArgs{QuietHours: &[]chat.QuietHours{{Days: []int{7}}}}, chat.AttentionUpdateArgs{QuietHours: &[]chat.QuietHours{{}}},
			chat.AttentionUpdateArgs{QuietHours: &[]chat.QuietHours{{Days: []int{1}, ToMinute: 24 * 60}}},
			chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: "loudly"}}, chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderAfter}},
			chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: true, UntilAt: -1}}}},
		{chat.ConversationMute, "mira", chat.ConversationMuteArgs{ConversationID: talk, Muted: true}, nil},
		{chat.IdleSet, "mira", chat.IdleSetArgs{Idle: true, ForMs: 1}, []any{chat.IdleSetArgs{ForMs: 1}, chat.IdleSetArgs{Idle: true, ForMs: -1}}},
		{chat.PushSubscribe, "mira", subscription, []any{but(subscription, func(a *chat.PushSubscribeArgs) { a.Endpoint += strings.Repeat("x", chat.MaxPushEndpoint) }),
			but(subscription, func(a *chat.PushSubscribeArgs) { a.Endpoint = "http://push.example.com" }),
			but(subscription, func(a *chat.PushSubscribeArgs) { a.Key = a.Auth }), but(subscription, func(a *chat.PushSubscribeArgs) { a.Auth = a.Key }),
			but(subscription, func(a *chat.PushSubscribeArgs) { a.TimeZone = "../zone" })}},
		{chat.PushUnsubscribe, "mira", struct{}{}, nil},
		{chat.SessionList, "mira", struct{}{}, nil},
		{chat.SessionEnd, "mira", chat.SessionEndArgs{SessionID: chat.SessionID(chat.NewUUID())}, nil},
		{chat.PasswordChange, "mira", chat.PasswordChangeArgs{Old: "a guess at it", New: "another password"}, []any{chat.PasswordChangeArgs{Old: longPassword, New: longPassword}}},
		{chat.FactorShow, "mira", struct{}{}, nil},
		{chat.FactorBegin, "mira", chat.FactorBeginArgs{Password: "a guess at it"}, nil},
		{chat.FactorConfirm, "mira", code, nil},
		{chat.FactorRenew, "mira", code, nil},
		{chat.FactorDisable, "mira", code, nil},
		{chat.UserResetFactor, "ines", chat.UserResetFactorArgs{UserID: chat.UserID(chat.NewUUID())}, nil},
		{chat.UserAdd, "ines", add, []any{but(add, func(a *chat.UserAddArgs) { a.Name = longName }), but(add, func(a *chat.UserAddArgs) { a.DisplayName = longName }),
			but(add, func(a *chat.UserAddArgs) { a.Title = longName }), but(add, func(a *chat.UserAddArgs) { a.Group = longName }), but(add, func(a *chat.UserAddArgs) { a.Teams = []string{longName} }),
			but(add, func(a *chat.UserAddArgs) { a.Password = longPassword }), but(add, func(a *chat.UserAddArgs) { a.Password = "short" })}},
		{chat.UserList, "ines", struct{}{}, nil},
		{chat.UserUpdate, "ines", update, nil},
		{chat.UserUpdateMany, "ines", many, []any{chat.UserUpdateManyArgs{Users: make([]chat.UserRevision, chat.MaxUpdatedUsers+1)}}},
		{chat.UserImport, "ines", table, []any{but(table, func(a *chat.UserImportArgs) { a.CSV += strings.Repeat("mira,x\n", chat.MaxImportedUsers) }),
			but(table, func(a *chat.UserImportArgs) { a.CSV = "name,name\nmira,x\n" }), but(table, func(a *chat.UserImportArgs) { a.CSV = "name\n" })}},
		{chat.GroupCreate, "ines", chat.GroupCreateArgs{Name: rig.North, Kind: chat.GroupFunctional}, []any{chat.GroupCreateArgs{Name: longName, Kind: chat.GroupFunctional},
			chat.GroupCreateArgs{Name: "Round", Kind: "round"}}},
		{chat.GroupUpdate, "ines", chat.GroupUpdateArgs{GroupID: "g", Revision: 1 << 40, Name: &title, Kind: &kind}, nil},
		{chat.GroupSetDefault, "ines", chat.GroupSetDefaultArgs{GroupID: "g", Revision: 1 << 40}, nil},
		{chat.GroupDelete, "ines", chat.GroupRevisionArgs{GroupID: "g", Revision: 1 << 40}, nil},
		{chat.TeamCreate, "ines", chat.TeamCreateArgs{Name: rig.Sales}, []any{chat.TeamCreateArgs{Name: longName}}},
		{chat.TeamRename, "ines", chat.TeamRenameArgs{TeamID: "t", Revision: 1 << 40, Name: title}, nil},
		{chat.TeamDelete, "ines", chat.TeamDeleteArgs{TeamID: "t", Revision: 1 << 40}, nil},
		{chat.QueueCreate, "ines", chat.QueueCreateArgs{Name: "Orders", TeamIDs: []chat.TeamID{"t"}}, []any{chat.QueueCreateArgs{Name: longName},
			chat.QueueCreateArgs{Name: "Many", TeamIDs: make([]chat.TeamID, chat.MaxQueueTeams+1)}}},
		{chat.QueueUpdate, "ines", chat.QueueUpdateArgs{QueueID: "q", Revision: 1 << 40, Name: &title, TeamIDs: &[]chat.TeamID{}}, nil},
		{chat.QueueDelete, "ines", chat.QueueDeleteArgs{QueueID: "q", Revision: 1 << 40}, nil},
		{chat.TemplateList, "ines", struct{}{}, nil},
		{chat.TemplateCreate, "ines", template, []any{but(template, func(a *chat.TemplateCreateArgs) { a.Content.Name = longName }),
			worded(strings.Repeat("x", chat.MaxTemplateLength+1)), worded("{{nobody}}"),
			but(template, func(a *chat.TemplateCreateArgs) { a.Content.Shortcut = longName }),
			but(template, func(a *chat.TemplateCreateArgs) { a.Content.TeamIDs = make([]chat.TeamID, chat.MaxTemplateScope+1) }),
			but(template, func(a *chat.TemplateCreateArgs) { a.Content.FileIDs = make([]chat.FileID, chat.MaxAttachments+1) })}},
		{chat.TemplateUpdate, "ines", chat.TemplateUpdateArgs{ID: template.ID, Revision: 1 << 40, Content: template.Content}, nil},
		{chat.TemplateDelete, "ines", chat.TemplateDeleteArgs{ID: template.ID, Revision: 1 << 40}, nil},
		{chat.UserSetPassword, "ines", password, []any{but(password, func(a *chat.UserSetPasswordArgs) { a.Password = longPassword })}},
		{chat.SettingsUpdate, "ines", chat.SettingsUpdateArgs{UserID: c.s.ID("mira"), Revision: 1 << 40, Settings: settings}, nil},
		{chat.OrganisationUpdate, "ines", chat.OrganisationUpdateArgs{Organisation: but(c.organisation, func(o *chat.Organisation) { o.Revision = 1 << 40 })}, []any{chat.OrganisationUpdateArgs{Organisation: but(c.organisation, func(o *chat.Organisation) { o.Name = longName })}}},
		{chat.RequestMake, "mira", request, []any{but(request, func(a *chat.RequestMakeArgs) { a.Text = longText })}},
		{chat.RequestList, "mira", chat.RequestListArgs{}, nil},
		{chat.RequestDecide, "ines", decide, []any{but(decide, func(a *chat.RequestDecideArgs) { a.Note = longText })}},
		{chat.ExplainAsk, "ines", chat.ExplainAskArgs{ActorID: c.s.ID("mira"), Act: chat.ActPost, OtherID: c.s.ID("liam"), At: 1}, nil},
		{chat.ChangePreview, "ines", preview, []any{chat.ChangePreviewArgs{Changes: make([]chat.Change, chat.MaxPreviewChanges+1)}, chat.ChangePreviewArgs{}}},
		{chat.HealthCheck, "ines", struct{}{}, nil},
		{chat.SetList, "ines", struct{}{}, nil},
		{chat.SetCreate, "ines", chat.SetCreateArgs{Set: set}, []any{chat.SetCreateArgs{Set: but(set, func(s *chat.PermissionSet) { s.Label = longName })},
			chat.SetCreateArgs{Set: but(set, func(s *chat.PermissionSet) { s.APIName = longName + longName })}}},
		{chat.SetUpdate, "ines", chat.SetUpdateArgs{Set: set}, []any{chat.SetUpdateArgs{Set: but(c.set, func(s *chat.PermissionSet) { s.Label = longName })}}},
		{chat.SetClone, "ines", chat.SetCloneArgs{SetID: c.set.ID, Label: c.set.Label, APIName: c.set.APIName}, []any{chat.SetCloneArgs{SetID: c.set.ID, Label: longName}}},
		{chat.SetDelete, "ines", chat.SetDeleteArgs{SetID: c.set.ID, Revision: 1 << 40}, nil},
		{chat.SetAssign, "ines", assign, []any{but(assign, func(a *chat.SetAssignArgs) { a.Users = make([]chat.UserRevision, chat.MaxUpdatedUsers+1) })}},
		{chat.LicenseAssign, "ines", licence, []any{but(licence, func(a *chat.LicenseAssignArgs) { a.Users = make([]chat.UserRevision, chat.MaxUpdatedUsers+1) })}},
		{chat.EditionPreview, "ines", chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}, nil},
		{chat.EditionUpdate, "ines", chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: 1 << 40}, nil},
		{chat.AuditList, "ines", chat.AuditListArgs{Limit: 5}, []any{chat.AuditListArgs{Limit: chat.MaxHistoryPage + 1}, chat.AuditListArgs{Limit: 5, Text: longName + longName}}},
		{chat.AuditVerify, "ines", struct{}{}, nil},
		{chat.MonitoringList, "ines", struct{}{}, nil},
		{chat.MonitoringUpdate, "ines", rule, nil},
		{chat.MonitoringShow, "ines", chat.MonitoringShowArgs{}, nil},
		{chat.TranscriptList, "renata", chat.TranscriptListArgs{Limit: 5}, []any{chat.TranscriptListArgs{Limit: chat.MaxHistoryPage + 1}, chat.TranscriptListArgs{Limit: 5, Text: longName + longName}}},
		{chat.TranscriptLoad, "renata", history, []any{but(history, func(a *chat.HistoryLoadArgs) { a.Limit = 0 })}},
		{chat.TranscriptWatch, "renata", chat.TranscriptWatchArgs{ConversationID: talk}, nil},
		{chat.TranscriptUnwatch, "renata", chat.TranscriptWatchArgs{ConversationID: talk}, nil},
	}
}

// askers are sockets of one user, used in turn so that the pace of one does not matter.
type askers []*rough

func newAskers(t *testing.T, s *rig.Server, name string) askers {
	token := s.SignIn(name).Token
	all := make(askers, 8)
	for i := range all {
		all[i] = newGreeted(t, s, token)
	}
	return all
}

// TestHostile_commands gives every command every fault that its arguments can have, to a real server. Each is answered in words and by
// its id, as a fault of the asker's and never of the server's; nothing changes; and others go on.
func TestHostile_commands(t *testing.T) {
	p := rig.NewProcess(t)
	c := newScene(p.Server)
	commands := c.commands()
	for name := range chat.Commands {
		if name != chat.Hello && !slices.ContainsFunc(commands, func(a asked) bool { return a.do == name }) {
			t.Errorf("%s is given no faults", name)
		}
	}
	by := map[string]askers{}
	asks, refused := 0, 0
	ask := func(a asked, args string) wire.Frame {
		if by[a.by] == nil {
			by[a.by] = newAskers(t, p.Server, a.by)
		}
		asks++
		f, _ := by[a.by][asks%len(by[a.by])].ask(a.do, args)
		if f.Error != nil {
			refused++
			wellFormed(t, f.Error, fmt.Sprintf("%s %.200s", a.do, args))
		}
		return f
	}
	for _, a := range commands { // from here on what is taken changes nothing
		ask(a, encoded(t, a.args))
	}
	w := newWitness(t, p.Server)
	before := w.picture()
	for _, a := range commands {
		args := encoded(t, a.args)
		good := ask(a, args)
		variants := spoil(t, args)
		for _, over := range a.over {
			variants = append(variants, variant{what: "over a limit", raw: encoded(t, over), refused: true})
		}
		for _, v := range append(variants, variant{what: "no arguments"}) {
			f := ask(a, v.raw)
			switch {
			case v.refused && (f.Error == nil || f.Error.Code != chat.CodeInvalid && f.Error.Code != chat.CodeBusy):
				t.Errorf("%s with %s is answered %s, %+v: %.300s", a.do, v.what, f.OK, f.Error, v.raw)
			case f.Re != roughID && !v.unreadable:
				t.Errorf("%s with %s is answered without its id: %.300s", a.do, v.what, v.raw)
			case v.what == "a field more" && (f.Error == nil) != (good.Error == nil) && !triesSecrets(a.do):
				t.Errorf("%s with %s is answered %+v, without %+v", a.do, v.what, f.Error, good.Error)
			}
			if f.Error == nil {
				ask(a, args) // it was taken, for example as an empty text: back to what was
			}
		}
		if slices.Contains(creating, a.do) {
			before = w.picture()
		}
		w.same(before, string(a.do))
	}
	report(t, "hostile arguments", len(chat.Commands), "commands", asks, "requests", refused, "refused", 0, "taken that must not be", 0, "faults of the server")
}

// tokensOf signs several in: one user may open only so many connections at once.
func tokensOf(s *rig.Server, names ...string) []string {
	var tokens []string
	for _, name := range names {
		tokens = append(tokens, s.SignIn(name).Token)
	}
	return tokens
}

// TestHostile_hello gives hello its faults, each on a connection of its own: it is refused, or closed as the protocol says.
func TestHostile_hello(t *testing.T) {
	p := rig.NewProcess(t)
	w := newWitness(t, p.Server)
	before := w.picture()
	tokens := tokensOf(p.Server, "yuki", "una", "tomas", "ruben")
	variants := spoil(t, strings.TrimSuffix(roughHello, "}")+`,"cursor":"q83vASNFZ4mrze8"}`)
	for i, v := range append(variants, variant{what: "no arguments", refused: true}) {
		r := newRough(t, p.Server, tokens[i%len(tokens)])
		if err := r.write(roughRequest(chat.Hello, v.raw)); err != nil {
			t.Fatal(err)
		}
		f, raw, err := r.next()
		switch {
		case err != nil:
			t.Errorf("hello with %s: %v", v.what, err)
		case f.Re != roughID && !v.unreadable, f.Error == nil && v.refused:
			t.Errorf("hello with %s is answered %.200s", v.what, raw)
		case f.Error != nil:
			wellFormed(t, f.Error, v.what)
		}
		r.conn.CloseNow()
	}
	w.same(before, "hello")
	report(t, "hostile hello", len(variants), "connections", 0, "taken that must not be")
}

// TestHostile_order gives every command before hello, in frames that cannot be, and on the socket of a session that was ended.
func TestHostile_order(t *testing.T) {
	p := rig.NewProcess(t)
	c := newScene(p.Server)
	w := newWitness(t, p.Server)
	before := w.picture()
	names := []string{"yuki", "una", "tomas", "ruben"}
	tokens := tokensOf(p.Server, names...)
	closings := 0
	for i, a := range c.commands() {
		token := tokens[i%len(tokens)]
		args := encoded(t, a.args)
		for what, play := range map[string]struct {
			frame string
			greet bool
			code  int
		}{
			"before hello":     {roughRequest(a.do, args), false, int(wire.CloseProtocol)},
			"not UTF-8":        {roughRequest(a.do, `{"x":"`+"\xff"+`"}`), true, 1007},
			"over a megabyte":  {roughRequest(a.do, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`), true, 1009},
			"a byte too large": {roughRequest(a.do, args+strings.Repeat(" ", wire.MaxRequestBytes)), true, 1009},
		} {
			r := newRough(t, p.Server, token)
			if play.greet {
				r.conn.CloseNow()
				r = newGreeted(t, p.Server, token)
			}
			_ = r.write(play.frame) // the server may close before it has all
			if code, done := r.closed(); int(code) != play.code || done > 0 {
				t.Errorf("%s %s: closed with %d, want %d; %d were carried out", a.do, what, code, play.code, done)
			}
			closings++
		}
	}
	w.same(before, "commands out of order")
	for _, name := range names { // after sign-out
		session := p.SignIn(name)
		r := newGreeted(t, p.Server, session.Token)
		if err := wire.SignOut(t.Context(), nil, p.URL, session.Token); err != nil {
			t.Fatal(err)
		}
		for _, a := range c.commands() {
			_ = r.write(roughRequest(a.do, encoded(t, a.args))) // the server may have closed
		}
		if code, done := r.closed(); code != wire.CloseSignedOut || done > 0 {
			t.Errorf("after sign-out the socket closed with %d, and %d commands were carried out", code, done)
		}
		closings++
	}
	w.same(before, "commands after sign-out")
	report(t, "hostile order", len(chat.Commands), "commands", closings, "connections closed as documented", 0, "carried out")
}

// TestHostile_others asks for what belongs to others: the answer is, byte by byte, the one for what does not exist.
func TestHostile_others(t *testing.T) {
	p := rig.NewProcess(t)
	c := newScene(p.Server)
	w := newWitness(t, p.Server)
	before := w.picture()
	nobody := func() chat.UserID { return chat.UserID(chat.NewUUID()) }
	talks := map[string]chat.ConversationID{"behind the wall": c.hiddenMessage.ConversationID, "of others": p.Direct("liam", "odile"), "a room": c.hiddenRoom}
	missing := map[string]chat.ConversationID{"behind the wall": chat.DirectID(nobody(), nobody()), "of others": chat.DirectID(nobody(), nobody()), "a room": chat.NewRoomID()}
	yuki, liamSession := p.ID("yuki"), p.SignIn("liam").SessionID
	active := false
	pairs := 0
	for _, name := range []string{"mira", "amparo", "renata"} {
		r := newGreeted(t, p.Server, p.SignIn(name).Token)
		same := func(do chat.CommandName, what string, theirs, none any) {
			_, got := r.ask(do, encoded(t, theirs))
			_, want := r.ask(do, encoded(t, none))
			if string(got) != string(want) {
				t.Errorf("%s, %s asks %s: answered\n%s, and for what does not exist\n%s", name, do, what, got, want)
			}
			pairs++
		}
		for what, id := range talks {
			no := missing[what]
			own := chat.NewMessageID()
			same(chat.MessagePost, what, chat.MessagePostArgs{ID: own, ConversationID: id, Text: "x"}, chat.MessagePostArgs{ID: own, ConversationID: no, Text: "x"})
			same(chat.MessagePost, what+", another's message", c.hiddenMessage, but(c.hiddenMessage, func(a *chat.MessagePostArgs) { a.ID, a.ConversationID = chat.NewMessageID(), no }))
			same(chat.HistoryLoad, what, chat.HistoryLoadArgs{ConversationID: id, Limit: 10}, chat.HistoryLoadArgs{ConversationID: no, Limit: 10})
			same(chat.MessageSearch, what, chat.MessageSearchArgs{Text: "behind", ConversationID: id, Limit: 5}, chat.MessageSearchArgs{Text: "behind", ConversationID: no, Limit: 5})
			same(chat.ReadMark, what, chat.ReadMarkArgs{ConversationID: id, N: 1}, chat.ReadMarkArgs{ConversationID: no, N: 1})
			same(chat.ConversationMute, what, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, chat.ConversationMuteArgs{ConversationID: no, Muted: true})
			same(chat.DraftSet, what, chat.DraftSetArgs{ConversationID: id, Text: "x"}, chat.DraftSetArgs{ConversationID: no, Text: "x"})
			same(chat.TypingSet, what, chat.TypingSetArgs{ConversationID: id, Typing: true}, chat.TypingSetArgs{ConversationID: no, Typing: true})
			same(chat.RoomInvite, what, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{p.ID("liam")}}, chat.RoomInviteArgs{ConversationID: no, UserIDs: []chat.UserID{p.ID("liam")}})
			same(chat.RoomLeave, what, chat.RoomLeaveArgs{ConversationID: id}, chat.RoomLeaveArgs{ConversationID: no})
			same(chat.RoomJoin, what, chat.RoomJoinArgs{ConversationID: id}, chat.RoomJoinArgs{ConversationID: no})
			same(chat.RoomSetTopic, what, chat.RoomSetTopicArgs{ConversationID: id, Topic: "x"}, chat.RoomSetTopicArgs{ConversationID: no, Topic: "x"})
			same(chat.RoomUpdate, what, chat.RoomUpdateArgs{ConversationID: id, Public: &active}, chat.RoomUpdateArgs{ConversationID: no, Public: &active})
			same(chat.RoomSetOwner, what, chat.RoomSetOwnerArgs{ConversationID: id, UserID: yuki}, chat.RoomSetOwnerArgs{ConversationID: no, UserID: yuki})
			same(chat.RoomRemove, what, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{yuki}}, chat.RoomRemoveArgs{ConversationID: no, UserIDs: []chat.UserID{yuki}})
		}
		if name == "mira" { // an agent, to whom a public room is nothing either
			no := chat.NewRoomID()
			same(chat.RoomJoin, "a public room", chat.RoomJoinArgs{ConversationID: c.publicRoom}, chat.RoomJoinArgs{ConversationID: no})
			same(chat.HistoryLoad, "a public room", chat.HistoryLoadArgs{ConversationID: c.publicRoom, Limit: 10}, chat.HistoryLoadArgs{ConversationID: no, Limit: 10})
			same(chat.ExplainAsk, "a public room", chat.ExplainAskArgs{Act: chat.ActJoin, ConversationID: c.publicRoom}, chat.ExplainAskArgs{Act: chat.ActJoin, ConversationID: no})
			same(chat.RoomFind, "public rooms", chat.RoomFindArgs{Text: "agents", Limit: 5}, chat.RoomFindArgs{Text: "nothing so called", Limit: 5})
		}
		same(chat.MessageSearch, "a hidden message", chat.MessageSearchArgs{Text: "b", BeforeID: c.hiddenMessage.ID, Limit: 5}, chat.MessageSearchArgs{Text: "b", BeforeID: chat.NewMessageID(), Limit: 5})
		same(chat.SessionEnd, "another's session", chat.SessionEndArgs{SessionID: liamSession}, chat.SessionEndArgs{SessionID: chat.SessionID(chat.NewUUID())})
		same(chat.UserUpdate, "another user", chat.UserUpdateArgs{UserID: yuki, Revision: 1, Active: &active}, chat.UserUpdateArgs{UserID: nobody(), Revision: 1, Active: &active})
		same(chat.UserSetPassword, "another user", chat.UserSetPasswordArgs{UserID: yuki, Password: "long enough"}, chat.UserSetPasswordArgs{UserID: nobody(), Password: "long enough"})
		same(chat.UserResetFactor, "another user", chat.UserResetFactorArgs{UserID: yuki}, chat.UserResetFactorArgs{UserID: nobody()})
		same(chat.SettingsUpdate, "another user", chat.SettingsUpdateArgs{UserID: yuki, Revision: 1}, chat.SettingsUpdateArgs{UserID: nobody(), Revision: 1})
		same(chat.UserAdd, "another's name", chat.UserAddArgs{Name: "yuki"}, chat.UserAddArgs{Name: "nobody"})
	}
	w.same(before, "asking for what is others'")
	report(t, "others' ids", pairs, "pairs of questions", 0, "answered otherwise than for what does not exist")
}
