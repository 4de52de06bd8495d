package replica

import (
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/wire"
)

const quality chat.ConversationID = "r.0190a000-0000-7000-8000-0000000000a1"

// TestRooms_inAndOut: a room that is gained is shown and written in, its toasts say where something was said; one that is lost
// is gone from the page, and nothing is written there any more.
func TestRooms_inAndOut(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	room := chat.ConversationState{Tail: []chat.Message{}, Conversation: chat.Conversation{ID: quality, Kind: chat.KindRoom, Name: "Quality", Participants: []chat.UserID{ana, ben}, CreatedAt: 1}}
	d.hub.tell(wire.Frame{Rights: &chat.Rights{ConversationsGained: []chat.ConversationState{room}, Post: map[chat.ConversationID]chat.Can{quality: {Allowed: true}}}})
	d.hub.set(func() {
		d.hub.append(chat.Event{Type: chat.RoomJoined, Members: &chat.RoomMembers{ConversationID: quality, UserIDs: []chat.UserID{cem}}})
		d.hub.append(chat.Event{Type: chat.MessagePosted, Message: &chat.Message{ID: chat.NewMessageID(), ConversationID: quality, N: 1, AuthorID: ben, At: 1, Text: "among us"}})
	})
	v.shows(quality, "among us")
	v.refused(chat.CodeUnknown, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: "r.0190a000-0000-7000-8000-0000000000a2", Text: "in a room that is not here"})
	awaitCond(t, d.shown.changed, "the toast", func() bool { return slices.Equal(d.shown.toasts, []string{"Ben Berg, Quality: among us"}) })

	d.hub.tell(wire.Frame{Rights: &chat.Rights{ConversationsLost: []chat.ConversationID{quality}}})
	v.await("the page is told", func() bool { return slices.Contains(last(v.rights).ConversationsLost, quality) })
	v.refused(chat.CodeUnknown, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: quality, Text: "still there?"})
	if again := d.page(); slices.ContainsFunc(again.snap.Conversations, func(c chat.ConversationState) bool { return c.Conversation.ID == quality }) {
		t.Error("the room is shown to a page that is opened anew")
	}
}
