package hub

import (
	"context"
	"slices"

	"parley/backend/chat"
)

// tailLength is how many of its newest messages a conversation comes with; in a snapshot those that were not among the
// tailConversations newest, or come after tailBytes of others, come with one, so that neither many conversations nor large
// messages make a snapshot slow.
const (
	tailLength        = 30
	tailConversations = 200
	tailBytes         = 8 << 20
)

// deliverReset tells a client everything, as it is at one moment; the events after that moment follow.
func (f *Feed) deliverReset(ctx context.Context) (*Delivery, error) {
	facts, now := f.h.facts.Load(), f.h.now()
	s, err := f.h.snapshot(ctx, facts, facts.user(f.actor.UserID), now)
	if err != nil {
		return nil, err
	}
	f.toldAt(facts)
	f.pos = facts.head
	f.word = f.seal()
	f.stage = stagePresence
	f.caughtUp()
	return &Delivery{Reset: &Reset{Reason: f.reset, Cursor: f.word, Snapshot: *s}}, nil
}

// snapshot returns what a user may know, at the facts.
func (h *Hub) snapshot(ctx context.Context, f *facts, me *user, now chat.Millis) (*chat.Snapshot, error) {
	people := f.people(me)
	s := &chat.Snapshot{
		Me: *f.me(me), Organisation: f.organisation.Organisation, Teams: f.teamsSeen(me),
		People: make([]chat.User, 0, len(people)), Conversations: []chat.ConversationState{},
		Templates: f.templatesFor(me), Rights: f.fullRights(me, people, now), Presence: h.presences.of(f, me),
	}
	for _, u := range people {
		s.People = append(s.People, u.row.User)
	}
	visible := make([]*conversation, 0, len(me.conversations))
	for _, id := range me.conversations {
		if c := f.conversation(id); f.holds(me, c) {
			visible = append(visible, c)
		}
	}
	slices.SortFunc(visible, func(a, b *conversation) int { return int(b.head - a.head) })
	size := 0
	for i, c := range visible {
		tail := tailLength
		if i >= tailConversations || size > tailBytes {
			tail = 1
		}
		state, err := h.conversationState(ctx, f, me, c, tail)
		if err != nil {
			return nil, err
		}
		for _, m := range state.Tail {
			size += len(m.Text) + len(m.Document)
		}
		s.Conversations = append(s.Conversations, state)
	}
	return s, h.addDrafts(ctx, f, me, s)
}

// conversationState returns a conversation as me has it, with its newest messages.
func (h *Hub) conversationState(ctx context.Context, f *facts, me *user, c *conversation, tail int) (chat.ConversationState, error) {
	messages, err := h.messages(ctx, f, c, c.lastN+1, tail)
	if err != nil {
		return chat.ConversationState{}, err
	}
	mine, _ := c.place(me.id())
	return chat.ConversationState{
		Conversation: c.told(), LastN: c.lastN, ReadN: mine.readN, Muted: mine.muted, Tail: messages,
		More: len(messages) > 0 && messages[0].N > 1,
	}, nil
}

// addDrafts puts the user's drafts to their conversations.
func (h *Hub) addDrafts(ctx context.Context, f *facts, me *user, s *chat.Snapshot) error {
	drafts, err := h.o.Store.Drafts(ctx, me.row.Key)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if _, err := f.reach(chat.ActRead, me, d.ConversationID, 0); err != nil {
			continue
		}
		i := slices.IndexFunc(s.Conversations, func(c chat.ConversationState) bool { return c.Conversation.ID == d.ConversationID })
		if i < 0 {
			i = len(s.Conversations)
			s.Conversations = append(s.Conversations, notBegun(d.ConversationID))
		}
		s.Conversations[i].Draft = &d
	}
	return nil
}

// notBegun is the state of a conversation without a message, which is told only because the reader has a draft in it: it
// was created never.
func notBegun(id chat.ConversationID) chat.ConversationState {
	a, b, _ := id.DirectPair()
	return chat.ConversationState{Tail: []chat.Message{}, Conversation: chat.Conversation{ID: id, Kind: chat.KindDirect, Participants: []chat.UserID{a, b}}}
}

// regained returns the conversation with other as it is told to a reader who may know of them again, with the reader's
// draft; false if there is nothing to tell.
func (h *Hub) regained(ctx context.Context, f *facts, me, other *user) (chat.ConversationState, bool, error) {
	id := chat.DirectID(me.id(), other.id())
	draft, err := h.o.Store.Draft(ctx, me.row.Key, id)
	if err != nil {
		return chat.ConversationState{}, false, err
	}
	state, c := notBegun(id), f.conversation(id)
	if c != nil {
		if state, err = h.conversationState(ctx, f, me, c, tailLength); err != nil {
			return state, false, err
		}
	}
	state.Draft = draft
	return state, c != nil || draft != nil, nil
}
