package hub

import (
	"encoding/json"
	"slices"
	"strings"

	"parley/backend/chat"
)

// target is whom, or which conversation, a refused command was about; one of both.
type target struct {
	user         chat.UserID
	conversation chat.ConversationID
}

// aimed are the fields by which commands name people and conversations.
type aimed struct {
	ActorID        chat.UserID         `json:"actorId"`
	UserID         chat.UserID         `json:"userId"`
	OtherID        chat.UserID         `json:"otherId"`
	AuthorID       chat.UserID         `json:"authorId"`
	ConversationID chat.ConversationID `json:"conversationId"`
	UserIDs        []chat.UserID       `json:"userIds"`
	Participants   []chat.UserID       `json:"participants"`
	Users          []chat.UserRevision `json:"users"`
}

// targetsOf returns whom a command's arguments name, as far as they are ids that there could be: nobody writes into the audit log by
// naming what is no name. Arguments that cannot be read name nobody.
func targetsOf(args json.RawMessage) []target {
	var a aimed
	if decode(args, &a) != nil {
		return nil
	}
	users := append([]chat.UserID{a.ActorID, a.UserID, a.OtherID, a.AuthorID}, slices.Concat(a.UserIDs, a.Participants)...)
	for _, u := range a.Users {
		users = append(users, u.UserID)
	}
	var all []target
	if _, _, direct := a.ConversationID.DirectPair(); direct || a.ConversationID.IsRoom() {
		all = append(all, target{conversation: a.ConversationID})
	}
	for _, id := range users {
		if len(all) < chat.MaxRefusalTargets && chat.ValidUUID(string(id)) {
			all = append(all, target{user: id})
		}
	}
	return all
}

// targetsNamed returns targets as the audit log keeps them. A conversation of two that is the refused user's own is told as the other one.
func (f *facts) targetsNamed(by chat.UserID, targets []target) []chat.RefusalTarget {
	told := make([]chat.RefusalTarget, 0, len(targets))
	for _, t := range targets {
		if other, mine := t.conversation.OtherThan(by); mine {
			t = target{user: other}
		}
		named := chat.RefusalTarget{Kind: chat.SubjectUser, ID: string(t.user)}
		if t.conversation != "" {
			named.Kind, named.ID = chat.SubjectConversation, string(t.conversation)
		}
		named.Name = f.nameOfTarget(t)
		if !slices.Contains(told, named) {
			told = append(told, named)
		}
	}
	return told
}

// nameOfTarget returns how a target is called, "" if it is not there.
func (f *facts) nameOfTarget(t target) string {
	if t.user != "" {
		if u := f.user(t.user); u != nil {
			return u.row.User.DisplayName
		}
		return ""
	}
	c := f.conversation(t.conversation)
	switch {
	case c == nil:
		return ""
	case c.kind == chat.KindRoom:
		return c.name
	}
	names := []string{f.nameOf(c.pair[0]), f.nameOf(c.pair[1])}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
