package hub

import (
	"bytes"
	"context"
	"encoding/json"

	"parley/backend/chat"
)

// handlers is the one table of commands: who handles what chat.Commands lists. A test compares the two.
var handlers map[chat.CommandName]handler

func init() { // not in the declaration: some handlers lead back to the table
	handlers = map[chat.CommandName]handler{
		chat.Hello:              writing(sayHelloAgain),
		chat.Ping:               writing(ping),
		chat.MessagePost:        preparing(preparePost, postMessage),
		chat.MessageEdit:        preparing(prepareEdit, editMessage),
		chat.MessageDelete:      preparing(prepareDelete, deleteMessage),
		chat.MessageReact:       preparing(prepareReaction, react),
		chat.MessageVersions:    reading(messageVersions),
		chat.HistoryLoad:        reading(loadHistory),
		chat.MessageSearch:      reading(searchMessages),
		chat.ReadMark:           writing(markRead),
		chat.DraftSet:           preparing(prepareDraft, setDraft),
		chat.TypingSet:          reading(setTyping),
		chat.RoomCreate:         preparing(prepareRoom, createRoom),
		chat.RoomInvite:         writing(inviteToRoom),
		chat.RoomLeave:          writing(leaveRoom),
		chat.RoomFind:           reading(findRooms),
		chat.RoomJoin:           writing(joinRoom),
		chat.RoomSetTopic:       preparing(prepareTopic, setTopic),
		chat.RoomUpdate:         preparing(prepareRoomUpdate, updateRoom),
		chat.RoomSetOwner:       writing(setRoomOwner),
		chat.RoomRemove:         preparing(prepareRemoval, removeFromRoom),
		chat.StatusSet:          writing(setStatus),
		chat.IdleSet:            reading(setIdle),
		chat.AttentionUpdate:    writing(updateAttention),
		chat.ConversationMute:   writing(muteConversation),
		chat.PushSubscribe:      writing(subscribePush),
		chat.PushUnsubscribe:    writing(unsubscribePush),
		chat.SessionList:        reading(listSessions),
		chat.SessionEnd:         writing(endSession),
		chat.PasswordChange:     preparing(preparePasswordChange, changePassword),
		chat.FactorShow:         reading(showFactor),
		chat.FactorBegin:        preparing(prepareFactor, beginFactor),
		chat.FactorConfirm:      preparing(prepareConfirm, confirmFactor),
		chat.FactorRenew:        preparing(prepareConfirm, renewRecovery),
		chat.FactorDisable:      writing(disableFactor),
		chat.UserAdd:            preparing(prepareUser, addUser),
		chat.UserList:           reading(listUsers),
		chat.UserUpdate:         writing(updateUser),
		chat.UserSetPassword:    preparing(preparePassword, setPassword),
		chat.UserResetFactor:    writing(resetFactor),
		chat.UserUpdateMany:     writing(updateUsers),
		chat.UserImport:         importUsers,
		chat.GroupCreate:        writing(createGroup),
		chat.GroupUpdate:        writing(updateGroup),
		chat.GroupSetDefault:    writing(defaultGroup),
		chat.GroupDelete:        writing(deleteGroup),
		chat.TeamCreate:         writing(createTeam),
		chat.TeamRename:         writing(renameTeam),
		chat.TeamDelete:         writing(deleteTeam),
		chat.QueueCreate:        writing(createQueue),
		chat.QueueUpdate:        writing(updateQueue),
		chat.QueueDelete:        writing(deleteQueue),
		chat.TemplateList:       reading(listTemplates),
		chat.TemplateCreate:     preparing(prepareNewTemplate, createTemplate),
		chat.TemplateUpdate:     preparing(prepareTemplate, updateTemplate),
		chat.TemplateDelete:     writing(deleteTemplate),
		chat.SettingsUpdate:     writing(updateSettings),
		chat.OrganisationUpdate: writing(updateOrganisation),
		chat.SetList:            reading(listSets),
		chat.SetCreate:          writing(createSet),
		chat.SetUpdate:          writing(updateSet),
		chat.SetClone:           writing(cloneSet),
		chat.SetDelete:          writing(deleteSet),
		chat.SetAssign:          writing(assignSets),
		chat.LicenseAssign:      writing(assignLicense),
		chat.EditionPreview:     reading(previewEdition),
		chat.EditionUpdate:      writing(updateEdition),
		chat.ExplainAsk:         reading(askExplain),
		chat.ChangePreview:      reading(previewChange),
		chat.HealthCheck:        reading(checkHealth),
		chat.RequestMake:        writing(makeRequest),
		chat.RequestList:        reading(listRequests),
		chat.RequestDecide:      preparing(prepareDecision, decideRequest),
		chat.MonitoringList:     reading(listMonitoring),
		chat.MonitoringUpdate:   writing(updateMonitoring),
		chat.MonitoringShow:     writing(showWatching),
		chat.TranscriptList:     reading(listTranscripts),
		chat.TranscriptLoad:     preparing(prepareTranscript, loadTranscript),
		chat.TranscriptWatch:    preparing(prepareWatch, watchTranscript),
		chat.TranscriptUnwatch:  writing(unwatchTranscript),
		chat.TranscriptVersions: preparing(prepareVersions, readVersions),
		chat.AuditList:          reading(listAudit),
		chat.AuditVerify:        reading(verifyAudit),
	}
}

// none are the arguments of commands without any, and their answer: {}.
type none struct{}

// call is a command as its handler meets it, outside the writer.
type call struct {
	h     *Hub
	facts *facts
	actor Actor
	me    *user // nil for the console
	feed  *Feed // the connection that asks; nil if none does
	now   chat.Millis
	// trying is true if what the command does is only looked at: what nobody would ever see of it may be left out.
	trying bool
}

// task is a command ready to be executed: either answered already, or to be handed to the writer.
type task struct {
	answer any
	write  func(b *batch, me *user) (any, error)
	post   chat.MessageID
	// amends is the message that the command is about, if any.
	amends chat.MessageID
	// name is the command's, for what is noted when it is refused; empty for what is no command of a user.
	name chat.CommandName
	// args are the command's, for the same.
	args  json.RawMessage
	files []chat.FileID
	// act is what a command among the changes of another one needs.
	act chat.Act
}

// handler makes a task of a command's arguments. It runs outside the writer, in the asker's goroutine.
type handler func(ctx context.Context, c *call, args json.RawMessage) (task, error)

// reading is a command that changes nothing in the log: it never sees the writer.
func reading[A any](run func(ctx context.Context, c *call, args A) (any, error)) handler {
	return func(ctx context.Context, c *call, raw json.RawMessage) (task, error) {
		var args A
		if err := decode(raw, &args); err != nil {
			return task{}, err
		}
		answer, err := run(ctx, c, args)
		return task{answer: answer}, err
	}
}

// writing is a command that is decided and executed by the writer.
func writing[A any](run func(b *batch, me *user, by Actor, args A) (any, error)) handler {
	return func(_ context.Context, c *call, raw json.RawMessage) (task, error) {
		var args A
		if err := decode(raw, &args); err != nil {
			return task{}, err
		}
		actor := c.actor
		return task{write: func(b *batch, me *user) (any, error) { return run(b, me, actor, args) }}, nil
	}
}

// preparing is one whose slow or checkable part (hashing, parsing) is done before the writer gets it. What depends on
// facts is decided by the writer all the same.
func preparing[A, P any](prepare func(ctx context.Context, c *call, args A) (P, error), run func(b *batch, me *user, by Actor, p P) (any, error)) handler {
	return func(ctx context.Context, c *call, raw json.RawMessage) (task, error) {
		var args A
		if err := decode(raw, &args); err != nil {
			return task{}, err
		}
		p, err := prepare(ctx, c, args)
		if err != nil {
			return task{}, err
		}
		actor := c.actor
		t := task{write: func(b *batch, me *user) (any, error) { return run(b, me, actor, p) }}
		if post, ok := any(p).(*posting); ok {
			t.post, t.files = post.args.ID, post.fileIDs()
		}
		if template, ok := any(p).(*templating); ok {
			t.files = template.content.FileIDs
		}
		if a, ok := any(p).(amending); ok {
			t.amends = a.amended()
		}
		return t, nil
	}
}

// decode reads arguments strictly of the right types. Missing ones are an empty object; unknown fields are ignored, so a
// newer client can talk to an older hub.
func decode(raw json.RawMessage, v any) error {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if err := chat.Decode(raw, v); err != nil {
		return chat.Invalid("the arguments do not have the form this command needs")
	}
	return nil
}

// authorise is the one place that asks, before any handler runs, whether the actor may do the act at all: there must be a
// live session of an active user, and administration needs the right. Acts in conversations are asked again by their handlers,
// which know the conversation.
func (f *facts) authorise(act chat.Act, a Actor, now chat.Millis) (*user, error) {
	if a == Console {
		if act.Administers() || act == chat.ActConnect {
			return nil, nil
		}
		return nil, chat.Invalid("the server's command line has no user: it can only configure")
	}
	s := f.session(a.SessionID, now)
	if s == nil {
		return nil, errSignedOut
	}
	me := f.userOf(s.UserKey)
	if me.id() != a.UserID {
		return nil, errSignedOut
	}
	switch {
	case act == chat.ActConnect, act == chat.ActOwn, act == chat.ActGather, act == chat.ActFind, act.Administers():
		if err := f.may(act, me, nil, now).Err(); err != nil {
			return nil, err
		}
	default:
		if err := f.may(chat.ActConnect, me, nil, now).Err(); err != nil {
			return nil, err
		}
	}
	return me, nil
}

// prepare checks who asks and makes a task of the command. feed is the connection that asks, nil if none does.
func (h *Hub) prepare(ctx context.Context, a Actor, feed *Feed, name chat.CommandName, args json.RawMessage) (task, error) {
	handle, ok := handlers[name]
	if !ok {
		return task{}, chat.ErrUnknown
	}
	c := &call{h: h, facts: h.facts.Load(), actor: a, feed: feed, now: h.now()}
	var err error
	if c.me, err = c.facts.authorise(chat.Commands[name], a, c.now); err != nil {
		return task{}, err
	}
	t, err := handle(ctx, c, args)
	t.name, t.args = name, args
	return t, err
}

// Do executes a command without a feed, for the console and for tests, and returns its answer. args is the command's
// argument struct of package chat, or its JSON as json.RawMessage. Errors meant for the asker are *chat.Error; if ctx ends
// while the command is with the writer, its result is unknown.
func (h *Hub) Do(ctx context.Context, a Actor, name chat.CommandName, args any) (json.RawMessage, error) {
	raw, ok := args.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(args); err != nil {
			return nil, chat.Invalid("the arguments cannot be encoded: %v", err)
		}
	}
	t, err := h.prepare(ctx, a, nil, name, raw)
	switch {
	case err != nil:
		h.refuseNow(ctx, a, name, raw, err)
	case t.write != nil:
		t.answer, err = h.perform(ctx, a, chat.Commands[name], t)
	}
	if ctx.Err() != nil && err != nil {
		return nil, err
	}
	if told := h.errOf(string(name), err); told != nil {
		return nil, told
	}
	return encodeAnswer(t.answer), nil
}

// sayHelloAgain answers a hello after the first: Connect has taken that one.
func sayHelloAgain(*batch, *user, Actor, none) (any, error) {
	return nil, chat.Invalid("hello was said already; it comes first and once")
}

// ping is a barrier: handed to the writer like what came before it, it is answered after all that.
func ping(*batch, *user, Actor, none) (any, error) { return none{}, nil }

// encodeAnswer returns an answer's JSON.
func encodeAnswer(answer any) json.RawMessage {
	if raw, ok := answer.(json.RawMessage); ok {
		return raw
	}
	return mustEncode(answer)
}
