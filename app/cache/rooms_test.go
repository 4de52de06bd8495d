package cache

import (
	"slices"
	"testing"

	"parley/backend/chat"
)

const quality chat.ConversationID = "r.0190a000-0000-7000-8000-0000000000a1"

func room(members ...chat.UserID) chat.ConversationState {
	return chat.ConversationState{Conversation: chat.Conversation{ID: quality, Kind: chat.KindRoom, Name: "Quality", Participants: members, CreatedAt: 1}, Tail: []chat.Message{}}
}

func members(kind chat.EventType, ids ...chat.UserID) chat.Event {
	return chat.Event{Type: kind, Members: &chat.RoomMembers{ConversationID: quality, UserIDs: ids}}
}

// TestRooms_comeAndGo: a room is gained, its members change, its messages come; when it is lost nothing of it stays.
func TestRooms_comeAndGo(t *testing.T) {
	c, dir := newCache(t)
	if done := apply(t, c, "c1", members(chat.RoomJoined, ben)); len(done.Events) != 0 {
		t.Error("members of a room that is not here are told to pages")
	}
	_, err := c.ApplyRights(t.Context(), chat.Rights{ConversationsGained: []chat.ConversationState{room(ana, ben)}, Post: map[chat.ConversationID]chat.Can{quality: {Allowed: true}}})
	ok(t, err)
	apply(t, c, "c2", members(chat.RoomJoined, cem), posted(message(quality, 1, cem)), members(chat.RoomJoined, cem), members(chat.RoomLeft, ben))
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: quality, Text: "half a"}))
	waiting := enqueue(t, c, quality, "to be kept")
	ok(t, c.Close())

	c = mustOpen(t, dir)
	ok(t, c.Use(t.Context(), account))
	i := slices.IndexFunc(read(t, c).Conversations, func(s chat.ConversationState) bool { return s.Conversation.ID == quality })
	if i < 0 {
		t.Fatal("the room is not here after a restart")
	}
	s := read(t, c).Conversations[i]
	if s.Conversation.Name != "Quality" || !slices.Equal(s.Conversation.Participants, []chat.UserID{ana, cem}) || s.LastN != 1 || s.Draft == nil {
		t.Errorf("the room is %+v", s)
	}
	done, err := c.ApplyRights(t.Context(), chat.Rights{ConversationsLost: []chat.ConversationID{quality}})
	ok(t, err)
	if !slices.Equal(done.OutboxGone, []chat.MessageID{waiting.ID}) || len(outbox(t, c)) != 0 {
		t.Error("what waited in the room is still here")
	}
	late := chat.Draft{ConversationID: quality, Text: "an echo", At: 1}
	mine := chat.Event{Type: chat.DraftChanged, Draft: &late}
	apply(t, c, "c3", mine, posted(message(quality, 2, cem)), members(chat.RoomJoined, ben))
	if after := read(t, c); len(after.Conversations) != 1 || after.Conversations[0].Conversation.ID == quality {
		t.Errorf("after the room was lost there are %+v", after.Conversations)
	}
	if drafts, err := c.LooseDrafts(t.Context()); err != nil || len(drafts) != 0 {
		t.Errorf("drafts are left: %v, %v", drafts, err)
	}
}

// TestRooms_wholeAgain: a room that comes whole brings its draft or that there is none; one that was not sent yet stays.
func TestRooms_wholeAgain(t *testing.T) {
	c, _ := newCache(t)
	gained := room(ana, ben)
	gained.Draft = &chat.Draft{ConversationID: quality, Text: "kept by the hub", At: 1}
	gain := func(s chat.ConversationState) *chat.Draft {
		_, err := c.ApplyRights(t.Context(), chat.Rights{ConversationsGained: []chat.ConversationState{s}})
		ok(t, err)
		for _, s := range read(t, c).Conversations {
			if s.Conversation.ID == quality {
				return s.Draft
			}
		}
		return nil
	}
	if d := gain(gained); d == nil || d.Text != "kept by the hub" {
		t.Errorf("the draft is %+v", d)
	}
	gained.Draft = nil
	if d := gain(gained); d != nil {
		t.Errorf("the draft is gone at the hub and still here: %+v", d)
	}
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: quality, Text: "typed here"}))
	if d := gain(gained); d == nil || d.Text != "typed here" {
		t.Errorf("what was not sent yet is %+v", d)
	}
}

// TestTeams_wholeAgain: rights that name teams replace those that were known, and rights that name none leave them.
func TestTeams_wholeAgain(t *testing.T) {
	c, _ := newCache(t)
	known := func(r chat.Rights) []chat.Team {
		t.Helper()
		_, err := c.ApplyRights(t.Context(), r)
		ok(t, err)
		return read(t, c).Teams
	}
	night := []chat.Team{{ID: "night", Name: "Night"}}
	if got := known(chat.Rights{Teams: &night}); !slices.Equal(got, night) {
		t.Errorf("known are %+v", got)
	}
	if got := known(chat.Rights{PeopleLost: []chat.UserID{ben}}); !slices.Equal(got, night) {
		t.Errorf("after rights that say nothing of teams: %+v", got)
	}
	if got := known(chat.Rights{Teams: &[]chat.Team{}}); len(got) != 0 {
		t.Errorf("after all were lost: %+v", got)
	}
}
