package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"parley/backend/chat"
)

// Applied tells what a change meant here, for whoever tells the pages.
type Applied struct {
	// Events are those that changed something, in order and as the hub sent them, unknown ones included.
	Events []json.RawMessage
	// Posted are messages that were not here before.
	Posted []chat.Message
	// OutboxGone are messages that left the outbox.
	OutboxGone []chat.MessageID
	// Restarted are conversations that pages must be told whole: they came without being opened, or their older messages
	// were dropped because something between was never told.
	Restarted []chat.ConversationID
}

// ApplyEvents stores events and the cursor behind them in one transaction. Events of unknown type are passed on and not kept.
// An error that is ErrMalformed needs ForgetCursor; nothing was changed.
func (c *Cache) ApplyEvents(ctx context.Context, cursor chat.Cursor, events []json.RawMessage) (Applied, error) {
	var done Applied
	err := c.update(ctx, func(tx *sql.Tx) error {
		done = Applied{}
		ends := tails{}
		for _, raw := range events {
			var e chat.Event
			if err := json.Unmarshal(raw, &e); err != nil {
				return fmt.Errorf("%w: an event: %w", ErrMalformed, err)
			}
			changed, err := c.applyEvent(ctx, tx, &e, ends, &done)
			if err != nil {
				return fmt.Errorf("apply %s: %w", e.Type, err)
			}
			if changed {
				done.Events = append(done.Events, raw)
			}
		}
		if err := ends.store(ctx, tx); err != nil {
			return err
		}
		return setProfile(ctx, tx, c.account, cursor)
	})
	if err != nil {
		return Applied{}, fmt.Errorf("store events: %w", err)
	}
	c.cursor = cursor
	return done, nil
}

// applyEvent stores one event and says whether pages need it.
func (c *Cache) applyEvent(ctx context.Context, tx *sql.Tx, e *chat.Event, ends tails, done *Applied) (bool, error) {
	missing := fmt.Errorf("%w: an event without its object", ErrMalformed)
	switch e.Type {
	case chat.MessagePosted:
		if e.Message == nil || e.Message.N <= 0 {
			return false, missing
		}
		return true, c.applyMessage(ctx, tx, e.Message, ends, done)
	case chat.MessageEdited, chat.MessageDeleted:
		if e.Message == nil || e.Message.N <= 0 {
			return false, missing
		}
		return true, amendMessage(ctx, tx, e.Message)
	case chat.MessageReacted:
		if e.Reactions == nil || e.Reactions.N <= 0 {
			return false, missing
		}
		return true, c.changeReactions(ctx, tx, e.Reactions)
	case chat.ConversationOpened:
		if e.Conversation == nil {
			return false, missing
		}
		return true, openConversation(ctx, tx, *e.Conversation)
	case chat.RoomJoined, chat.RoomLeft:
		if e.Members == nil {
			return false, missing
		}
		return changeRoom(ctx, tx, e.Members.ConversationID, func(room *chat.Conversation) {
			e.Members.Apply(room, e.Type == chat.RoomJoined)
		})
	case chat.RoomChanged:
		if e.Room == nil {
			return false, missing
		}
		return changeRoom(ctx, tx, e.Room.ConversationID, e.Room.Apply)
	case chat.ReadMarked:
		if e.Read == nil {
			return false, missing
		}
		return raiseRead(ctx, tx, e.Read.ConversationID, e.Read.N)
	case chat.ConversationMuted:
		if e.Mute == nil {
			return false, missing
		}
		return true, mute(ctx, tx, e.Mute.ConversationID, e.Mute.Muted)
	case chat.DraftChanged:
		if e.Draft == nil {
			return false, missing
		}
		return c.takeDraft(ctx, tx, *e.Draft)
	case chat.StatusChanged:
		if e.Status == nil {
			return false, missing
		}
		return true, c.changeStatus(ctx, tx, *e.Status)
	case chat.UserChanged:
		if e.User == nil {
			return false, missing
		}
		return true, putBody(ctx, tx, "people", "user_id", string(e.User.ID), e.User)
	case chat.MeChanged:
		if e.Me == nil {
			return false, missing
		}
		return true, putBody(ctx, tx, "facts", "name", factMe, e.Me)
	case chat.TeamChanged:
		if e.Team == nil {
			return false, missing
		}
		return true, putBody(ctx, tx, "teams", "team_id", string(e.Team.ID), e.Team)
	case chat.TeamGone:
		if e.Team == nil {
			return false, missing
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM teams WHERE team_id = $1", e.Team.ID); err != nil {
			return false, fmt.Errorf("forget a team: %w", err)
		}
		return true, nil
	case chat.OrganisationChanged:
		if e.Organisation == nil {
			return false, missing
		}
		return true, putBody(ctx, tx, "facts", "name", factOrganisation, e.Organisation)
	}
	return true, nil
}

// openConversation stores a conversation that is new, or its new form.
func openConversation(ctx context.Context, tx *sql.Tx, conversation chat.Conversation) error {
	body, err := json.Marshal(conversation)
	if err != nil {
		return fmt.Errorf("encode a conversation: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO conversations (conversation_id, body, last_n, last_at, read_n, read_dirty, more)
		VALUES ($1, $2, 0, $3, 0, 0, 0) ON CONFLICT (conversation_id) DO UPDATE SET body = excluded.body`,
		conversation.ID, string(body), conversation.CreatedAt)
	if err != nil {
		return fmt.Errorf("store a conversation: %w", err)
	}
	return nil
}

// changeRoom stores a room that an event has changed, and says whether the room is here at all.
func changeRoom(ctx context.Context, tx *sql.Tx, id chat.ConversationID, change func(room *chat.Conversation)) (bool, error) {
	var body string
	err := tx.QueryRowContext(ctx, "SELECT body FROM conversations WHERE conversation_id = $1", id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read a room: %w", err)
	}
	var room chat.Conversation
	if err := json.Unmarshal([]byte(body), &room); err != nil {
		return false, fmt.Errorf("%w: a conversation: %w", errDamaged, err)
	}
	change(&room)
	return true, openConversation(ctx, tx, room)
}

// tails are the ends of the conversations that one frame touches: read once and stored once, however many messages it brings.
type tails map[chat.ConversationID]*tail

// tail is where a conversation's messages here begin and end.
type tail struct {
	firstN, lastN int64
	lastAt        chat.Millis
	grown         bool
}

// of returns a conversation's tail; nil if the conversation is not here.
func (t tails) of(ctx context.Context, tx *sql.Tx, id chat.ConversationID) (*tail, error) {
	if known := t[id]; known != nil {
		return known, nil
	}
	s, found, err := stateOf(ctx, tx, id)
	if err != nil || !found {
		return nil, err
	}
	t[id] = &tail{firstN: s.firstN, lastN: s.lastN}
	return t[id], nil
}

func (t tails) store(ctx context.Context, tx *sql.Tx) error {
	for id, end := range t {
		if !end.grown {
			continue
		}
		_, err := tx.ExecContext(ctx, "UPDATE conversations SET last_n = $1, last_at = $2 WHERE conversation_id = $3", end.lastN, end.lastAt, id)
		if err != nil {
			return fmt.Errorf("store where a tail ends: %w", err)
		}
	}
	return nil
}

// applyMessage puts a message at the end of its conversation's tail. A conversation that was never opened here (its rights come
// with a later frame) is opened by its first message. A message behind a hole begins the tail anew.
func (c *Cache) applyMessage(ctx context.Context, tx *sql.Tx, m *chat.Message, ends tails, done *Applied) error {
	end, err := ends.of(ctx, tx, m.ConversationID)
	if err != nil {
		return err
	}
	whole := end == nil // pages must be told of all of it
	if end == nil {
		a, b, ok := m.ConversationID.DirectPair()
		if !ok {
			c.log.Warn("a message of an unknown conversation was left out", "conversation", m.ConversationID)
			return nil
		}
		opened := chat.Conversation{ID: m.ConversationID, Kind: chat.KindDirect, Participants: []chat.UserID{a, b}, CreatedAt: m.At}
		if err := openConversation(ctx, tx, opened); err != nil {
			return err
		}
		end = &tail{}
		ends[m.ConversationID] = end
	}
	if m.N > end.lastN+1 {
		c.log.Warn("messages are missing; the conversation begins anew", "conversation", m.ConversationID, "have", end.lastN, "got", m.N)
		if err := dropUpTo(ctx, tx, m.ConversationID, m.N); err != nil {
			return err
		}
		end.firstN, whole = 0, true
	}
	if whole {
		done.Restarted = append(done.Restarted, m.ConversationID)
	}
	if err := c.keepMessage(ctx, tx, m, end, done); err != nil {
		return err
	}
	if m.AuthorID != c.account.UserID {
		return nil
	}
	if _, err := raiseRead(ctx, tx, m.ConversationID, m.N); err != nil { // posting marks as read
		return err
	}
	return leaveOutbox(ctx, tx, m.ID, done)
}

// keepMessage stores a message that joins the tail or is in it; one that is older than the tail is left.
func (c *Cache) keepMessage(ctx context.Context, tx *sql.Tx, m *chat.Message, end *tail, done *Applied) error {
	if m.N <= end.lastN && (end.firstN == 0 || m.N < end.firstN) {
		return nil
	}
	if err := putMessage(ctx, tx, m); err != nil {
		return err
	}
	if end.firstN == 0 {
		end.firstN = m.N
	}
	if m.N > end.lastN {
		end.lastN, end.lastAt, end.grown = m.N, m.At, true
		done.Posted = append(done.Posted, *m)
	}
	return nil
}

// amendMessage puts a changed message in the place of what it was. One that is not here may be on a page's screen.
func amendMessage(ctx context.Context, tx *sql.Tx, m *chat.Message) error {
	var here bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM messages WHERE conversation_id = $1 AND n = $2 AND message_id = $3)",
		m.ConversationID, m.N, m.ID).Scan(&here)
	if err != nil {
		return fmt.Errorf("look for a message: %w", err)
	}
	if !here {
		return nil
	}
	return putMessage(ctx, tx, m)
}

// changeReactions puts other reactions under a message, if it is here.
func (c *Cache) changeReactions(ctx context.Context, tx *sql.Tx, r *chat.MessageReactions) error {
	found, err := c.tail(ctx, tx, r.ConversationID, r.N+1, 1)
	if err != nil || len(found) == 0 || found[0].ID != r.ID {
		return err
	}
	found[0].Reactions = r.Reactions
	if len(r.Reactions) == 0 {
		found[0].Reactions = nil
	}
	return putMessage(ctx, tx, &found[0])
}

// leaveOutbox removes the row of a message that has arrived as an event.
func leaveOutbox(ctx context.Context, tx *sql.Tx, id chat.MessageID, done *Applied) error {
	result, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE message_id = $1", id)
	if err != nil {
		return fmt.Errorf("take a message out of the outbox: %w", err)
	}
	if n, err := result.RowsAffected(); err == nil && n > 0 {
		done.OutboxGone = append(done.OutboxGone, id)
	}
	return nil
}

// raiseRead moves a read mark forward and says whether it moved. It never goes back; what the hub says covers what was to be
// sent, if it is as far.
func raiseRead(ctx context.Context, tx *sql.Tx, id chat.ConversationID, n int64) (bool, error) {
	result, err := tx.ExecContext(ctx, `UPDATE conversations SET read_dirty = CASE WHEN $1 >= read_n THEN 0 ELSE read_dirty END,
		read_n = max(read_n, $1) WHERE conversation_id = $2 AND (read_n < $1 OR read_dirty = 1)`, n, id)
	if err != nil {
		return false, fmt.Errorf("move a read mark: %w", err)
	}
	moved, err := result.RowsAffected()
	return moved > 0, err
}

// mute keeps whether a conversation disturbs.
func mute(ctx context.Context, tx *sql.Tx, id chat.ConversationID, muted bool) error {
	if _, err := tx.ExecContext(ctx, "UPDATE conversations SET muted = $1 WHERE conversation_id = $2", muted, id); err != nil {
		return fmt.Errorf("mute a conversation: %w", err)
	}
	return nil
}

// changeStatus changes one's own declared status, which is kept inside Me.
func (c *Cache) changeStatus(ctx context.Context, tx *sql.Tx, status chat.Status) error {
	var me chat.Me
	found, err := fact(ctx, tx, factMe, &me)
	if err != nil || !found {
		return err
	}
	me.Status = status
	return putBody(ctx, tx, "facts", "name", factMe, me)
}

// ApplyRights stores a difference of rights; the cursor stays. What was lost is purged in the same transaction, with the
// conversation's drafts and unsent messages.
func (c *Cache) ApplyRights(ctx context.Context, rights chat.Rights) (Applied, error) {
	var done Applied
	err := c.update(ctx, func(tx *sql.Tx) error {
		done = Applied{}
		for _, id := range rights.ConversationsLost {
			if err := c.loseConversation(ctx, tx, id, &done); err != nil {
				return err
			}
		}
		for _, id := range rights.PeopleLost {
			for _, table := range []string{"people", "start_rights"} {
				if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE user_id = $1", id); err != nil {
					return fmt.Errorf("forget a person: %w", err)
				}
			}
			// The conversation may not have begun, and then it is not among those that were lost.
			_, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE account = $1 AND conversation_id = $2",
				c.account.key(), chat.DirectID(c.account.UserID, id))
			if err != nil {
				return fmt.Errorf("forget a draft: %w", err)
			}
		}
		for i := range rights.PeopleGained {
			user := &rights.PeopleGained[i]
			if err := putBody(ctx, tx, "people", "user_id", string(user.ID), user); err != nil {
				return err
			}
		}
		for i := range rights.ConversationsGained {
			if err := c.takeState(ctx, tx, &rights.ConversationsGained[i], &done); err != nil {
				return err
			}
		}
		return storeRights(ctx, tx, &rights)
	})
	if err != nil {
		return Applied{}, fmt.Errorf("store rights: %w", err)
	}
	return done, nil
}

func storeRights(ctx context.Context, tx *sql.Tx, rights *chat.Rights) error {
	if rights.Teams != nil {
		if _, err := tx.ExecContext(ctx, "DELETE FROM teams"); err != nil {
			return fmt.Errorf("forget teams: %w", err)
		}
		if err := putTeams(ctx, tx, *rights.Teams); err != nil {
			return err
		}
	}
	if err := changeTemplates(ctx, tx, rights.Templates); err != nil {
		return err
	}
	for id, can := range rights.Start {
		if err := putBody(ctx, tx, "start_rights", "user_id", string(id), can); err != nil {
			return err
		}
	}
	for id, can := range rights.Post {
		if err := putBody(ctx, tx, "post_rights", "conversation_id", string(id), can); err != nil {
			return err
		}
	}
	return nil
}

func putTeams(ctx context.Context, tx *sql.Tx, teams []chat.Team) error {
	for i := range teams {
		if err := putBody(ctx, tx, "teams", "team_id", string(teams[i].ID), teams[i]); err != nil {
			return err
		}
	}
	return nil
}

// loseConversation purges a conversation and everything that belongs to it.
func (c *Cache) loseConversation(ctx context.Context, tx *sql.Tx, id chat.ConversationID, done *Applied) error {
	if err := dropMessages(ctx, tx, "conversation_id = $1", id); err != nil {
		return fmt.Errorf("purge a lost conversation: %w", err)
	}
	for _, table := range []string{"conversations", "post_rights", "drafts"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE conversation_id = $1", id); err != nil {
			return fmt.Errorf("purge a lost conversation from %s: %w", table, err)
		}
	}
	gone, err := deleteOutbox(ctx, tx, "account = $1 AND conversation_id = $2", c.account.key(), id)
	done.OutboxGone = append(done.OutboxGone, gone...)
	return err
}

// takeState stores a conversation as the hub describes it whole. A read mark or draft that was not sent yet stays.
func (c *Cache) takeState(ctx context.Context, tx *sql.Tx, told *chat.ConversationState, done *Applied) error {
	id := told.Conversation.ID
	here, _, err := stateOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := openConversation(ctx, tx, told.Conversation); err != nil {
		return err
	}
	lastAt := told.Conversation.CreatedAt
	if n := len(told.Tail); n > 0 {
		lastAt = told.Tail[n-1].At
	}
	readN, dirty := told.ReadN, false
	if here.readDirty && here.readN > readN {
		readN, dirty = min(here.readN, told.LastN), true
	}
	_, err = tx.ExecContext(ctx, `UPDATE conversations SET last_n = $1, last_at = $2, read_n = $3, read_dirty = $4, more = $5, muted = $6
		WHERE conversation_id = $7`, told.LastN, lastAt, readN, dirty, told.More, told.Muted, id)
	if err != nil {
		return fmt.Errorf("store a conversation: %w", err)
	}
	if err := dropMessages(ctx, tx, "conversation_id = $1", id); err != nil {
		return fmt.Errorf("replace a tail: %w", err)
	}
	if err := checkRun(told.Tail, id, told.LastN+1); err != nil {
		return err
	}
	for i := range told.Tail {
		if err := putMessage(ctx, tx, &told.Tail[i]); err != nil {
			return err
		}
		if err := leaveOutbox(ctx, tx, told.Tail[i].ID, done); err != nil {
			return err
		}
	}
	if told.Draft == nil {
		_, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE account = $1 AND conversation_id = $2 AND dirty = 0", c.account.key(), id)
		if err != nil {
			return fmt.Errorf("forget a draft: %w", err)
		}
	} else {
		if _, err := c.takeDraft(ctx, tx, *told.Draft); err != nil {
			return err
		}
	}
	gone, err := deleteOutbox(ctx, tx, "account = $1 AND conversation_id = $2 AND state = 'posted' AND posted_n <= $3",
		c.account.key(), id, told.LastN)
	done.OutboxGone = append(done.OutboxGone, gone...)
	return err
}

// checkRun makes sure that messages are of one conversation, ascend without a hole and end just before number end.
func checkRun(messages []chat.Message, id chat.ConversationID, end int64) error {
	for i := range messages {
		if m := &messages[i]; m.ConversationID != id || m.N != end-int64(len(messages)-i) || m.N <= 0 {
			return fmt.Errorf("%w: a run of messages has a hole", ErrMalformed)
		}
	}
	return nil
}

// ApplyReset replaces everything but outbox and drafts by a snapshot; of drafts and read marks those stay that were not sent
// yet.
//
// A message that was posted but whose event never came goes if the snapshot has reached its number or no longer holds its
// conversation. When the log is another one (a restored backup) it may have been lost there, so it waits again: sending it
// again is harmless, its id is the same.
func (c *Cache) ApplyReset(ctx context.Context, cursor chat.Cursor, reason chat.ResetReason, s chat.Snapshot) (Applied, error) {
	if s.Me.User.ID != c.account.UserID {
		return Applied{}, fmt.Errorf("store a snapshot: %w: it belongs to another user", ErrMalformed)
	}
	var done Applied
	err := c.update(ctx, func(tx *sql.Tx) error {
		done = Applied{}
		marks, err := dirtyReads(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM drafts WHERE account = $1 AND dirty = 0", c.account.key())
		if err != nil {
			return fmt.Errorf("forget drafts: %w", err)
		}
		if err := purgeContent(ctx, tx); err != nil {
			return err
		}
		if reason == chat.ResetRenewed {
			if err := c.repeatPosted(ctx, tx); err != nil {
				return err
			}
		}
		if err := c.takeSnapshot(ctx, tx, &s, &done); err != nil {
			return err
		}
		for _, mark := range marks {
			if err := markRead(ctx, tx, mark.ConversationID, mark.N); err != nil {
				return err
			}
		}
		gone, err := deleteOutbox(ctx, tx, `account = $1 AND state = 'posted'
			AND conversation_id NOT IN (SELECT conversation_id FROM conversations)`, c.account.key())
		if err != nil {
			return err
		}
		done.OutboxGone = append(done.OutboxGone, gone...)
		return setProfile(ctx, tx, c.account, cursor)
	})
	if err != nil {
		return Applied{}, fmt.Errorf("store a snapshot: %w", err)
	}
	c.cursor = cursor
	return done, nil
}

func (c *Cache) takeSnapshot(ctx context.Context, tx *sql.Tx, s *chat.Snapshot, done *Applied) error {
	if err := putBody(ctx, tx, "facts", "name", factMe, s.Me); err != nil {
		return err
	}
	if err := putBody(ctx, tx, "facts", "name", factOrganisation, s.Organisation); err != nil {
		return err
	}
	if err := changeTemplates(ctx, tx, &chat.TemplateNews{Whole: true, Changed: s.Templates}); err != nil {
		return err
	}
	if err := putTeams(ctx, tx, s.Teams); err != nil {
		return err
	}
	for i := range s.People {
		if err := putBody(ctx, tx, "people", "user_id", string(s.People[i].ID), s.People[i]); err != nil {
			return err
		}
	}
	for i := range s.Conversations {
		if err := c.takeState(ctx, tx, &s.Conversations[i], done); err != nil {
			return err
		}
	}
	return storeRights(ctx, tx, &s.Rights)
}
