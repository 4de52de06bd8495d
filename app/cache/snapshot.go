package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"parley/backend/chat"
)

// The names of the facts: single objects.
const (
	factMe           = "me"
	factOrganisation = "organisation"
)

// fact reads a single object; found is false before the first snapshot.
func fact(ctx context.Context, tx *sql.Tx, name string, v any) (found bool, err error) {
	var body string
	err = tx.QueryRowContext(ctx, "SELECT body FROM facts WHERE name = $1", name).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal([]byte(body), v); err != nil {
		return false, fmt.Errorf("%w: %s: %w", errDamaged, name, err)
	}
	return true, nil
}

// Tails says how much of each conversation a snapshot shows: Long messages of the Recent conversations with the newest messages,
// and one of the others.
type Tails struct{ Recent, Long int }

// Snapshot returns everything kept here, as a page starts with it; found is false if the hub's first snapshot has not come yet.
// Presence and Link are the caller's.
func (c *Cache) Snapshot(ctx context.Context, tails Tails) (s chat.Snapshot, found bool, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		s = chat.Snapshot{Teams: []chat.Team{}, People: []chat.User{}, Templates: []chat.Template{}, Conversations: []chat.ConversationState{},
			Presence: []chat.Presence{}, Outbox: []chat.OutboxItem{},
			Rights: chat.Rights{Start: map[chat.UserID]chat.Can{}, Post: map[chat.ConversationID]chat.Can{}}}
		if found, err = fact(ctx, tx, factMe, &s.Me); err != nil || !found {
			return err
		}
		if _, err := fact(ctx, tx, factOrganisation, &s.Organisation); err != nil {
			return err
		}
		if err := readBodies(ctx, tx, &s); err != nil {
			return err
		}
		ids, err := conversationIDs(ctx, tx)
		if err != nil {
			return err
		}
		for i, id := range ids {
			long := 1
			if i < tails.Recent {
				long = tails.Long
			}
			state, err := c.conversationState(ctx, tx, id, long)
			if err != nil {
				return err
			}
			s.Conversations = append(s.Conversations, state)
		}
		rows, err := outboxRows(ctx, tx, "account = $1 ORDER BY outbox_order", c.account.key())
		for i := range rows {
			s.Outbox = append(s.Outbox, rows[i].item())
		}
		return err
	})
	if err != nil {
		return chat.Snapshot{}, false, fmt.Errorf("read the local data: %w", err)
	}
	return s, found, nil
}

func readBodies(ctx context.Context, tx *sql.Tx, s *chat.Snapshot) error {
	return errors.Join(
		eachBody(ctx, tx, "teams", "team_id", func(_ string, t chat.Team) { s.Teams = append(s.Teams, t) }),
		eachBody(ctx, tx, "templates", "template_id", func(_ string, t chat.Template) { s.Templates = append(s.Templates, t) }),
		eachBody(ctx, tx, "people", "user_id", func(_ string, u chat.User) { s.People = append(s.People, u) }),
		eachBody(ctx, tx, "start_rights", "user_id", func(id string, can chat.Can) { s.Rights.Start[chat.UserID(id)] = can }),
		eachBody(ctx, tx, "post_rights", "conversation_id", func(id string, can chat.Can) { s.Rights.Post[chat.ConversationID(id)] = can }),
	)
}

func conversationIDs(ctx context.Context, tx *sql.Tx) ([]chat.ConversationID, error) {
	rows, err := tx.QueryContext(ctx, "SELECT conversation_id FROM conversations ORDER BY last_at DESC, conversation_id")
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	defer rows.Close()
	var ids []chat.ConversationID
	for rows.Next() {
		var id chat.ConversationID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list conversations: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// conversationState reads a conversation with at most long messages.
func (c *Cache) conversationState(ctx context.Context, tx *sql.Tx, id chat.ConversationID, long int) (chat.ConversationState, error) {
	var told chat.ConversationState
	var body string
	if err := tx.QueryRowContext(ctx, "SELECT body FROM conversations WHERE conversation_id = $1", id).Scan(&body); err != nil {
		return told, fmt.Errorf("read a conversation: %w", err)
	}
	if err := json.Unmarshal([]byte(body), &told.Conversation); err != nil {
		return told, fmt.Errorf("%w: a conversation: %w", errDamaged, err)
	}
	tail, err := c.tail(ctx, tx, id, math.MaxInt64, long)
	if err != nil {
		return told, err
	}
	s, _, err := stateOf(ctx, tx, id) // after the tail, which may have been shortened
	if err != nil {
		return told, err
	}
	told.LastN, told.ReadN, told.Muted, told.Tail = s.lastN, s.readN, s.muted, tail
	told.More = s.older(tail)
	drafts, err := readDrafts(ctx, tx, "account = $1 AND conversation_id = $2 AND text <> ''", c.account.key(), id)
	if err != nil {
		return told, err
	}
	if len(drafts) > 0 {
		told.Draft = &drafts[0].Draft
	}
	return told, nil
}

// older tells whether there are messages older than those of page.
func (s *state) older(page []chat.Message) bool {
	if len(page) == 0 {
		return s.more
	}
	return s.more || page[0].N > s.firstN
}

// Conversation returns one conversation as a page starts with it; chat.ErrUnknown if it is not here.
func (c *Cache) Conversation(ctx context.Context, id chat.ConversationID, long int) (told chat.ConversationState, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		_, found, err := stateOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !found {
			return chat.ErrUnknown
		}
		told, err = c.conversationState(ctx, tx, id, long)
		return err
	})
	return told, err
}

// Has tells whether a conversation is here.
func (c *Cache) Has(ctx context.Context, id chat.ConversationID) (found bool, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		_, found, err = stateOf(ctx, tx, id)
		return err
	})
	return found, err
}

// Me is what the hub last said about the user; found is false before its first snapshot.
func (c *Cache) Me(ctx context.Context) (me chat.Me, found bool, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		found, err = fact(ctx, tx, factMe, &me)
		return err
	})
	return me, found, err
}

// Muted tells whether a conversation does not disturb; one that is not here does.
func (c *Cache) Muted(ctx context.Context, id chat.ConversationID) (muted bool, err error) {
	err = c.db.QueryRowContext(ctx, "SELECT muted FROM conversations WHERE conversation_id = $1", id).Scan(&muted)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read whether a conversation is muted: %w", err)
	}
	return muted, nil
}

// Attention is how the user wants to be disturbed, and how the organisation does where they have not chosen; found is false
// before the hub's first snapshot.
func (c *Cache) Attention(ctx context.Context) (own chat.Attention, organisation chat.Reminder, found bool, err error) {
	var me chat.Me
	var o chat.Organisation
	err = c.update(ctx, func(tx *sql.Tx) error {
		if found, err = fact(ctx, tx, factMe, &me); err != nil {
			return err
		}
		_, err = fact(ctx, tx, factOrganisation, &o)
		return err
	})
	return me.Attention, o.Reminder, found, err
}

// DisplayName is a person's name; empty if unknown.
func (c *Cache) DisplayName(ctx context.Context, id chat.UserID) (string, error) {
	var body string
	err := c.db.QueryRowContext(ctx, "SELECT body FROM people WHERE user_id = $1", id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read a person: %w", err)
	}
	var user chat.User
	if err := json.Unmarshal([]byte(body), &user); err != nil {
		return "", fmt.Errorf("%w: a person: %w", errDamaged, err)
	}
	return user.DisplayName, nil
}

// Unread counts the unread messages of all conversations that are not muted, as the page does for its title.
func (c *Cache) Unread(ctx context.Context) (int, error) {
	var n int
	if err := c.db.QueryRowContext(ctx, "SELECT coalesce(sum(last_n - read_n), 0) FROM conversations WHERE last_n > read_n AND muted = 0").Scan(&n); err != nil {
		return 0, fmt.Errorf("count unread messages: %w", err)
	}
	return n, nil
}

// History returns what is here of the messages just before number before (0: the newest), at most limit. complete says that it
// is all that was asked for; otherwise the hub has more. chat.ErrUnknown if the conversation is not here.
func (c *Cache) History(ctx context.Context, args chat.HistoryLoadArgs) (page chat.HistoryLoadAnswer, complete bool, err error) {
	before := args.BeforeN
	if before == 0 {
		before = math.MaxInt64
	}
	err = c.update(ctx, func(tx *sql.Tx) error {
		_, found, err := stateOf(ctx, tx, args.ConversationID)
		if err != nil {
			return err
		}
		if !found {
			return chat.ErrUnknown
		}
		if page.Messages, err = c.tail(ctx, tx, args.ConversationID, before, args.Limit); err != nil {
			return err
		}
		s, _, err := stateOf(ctx, tx, args.ConversationID)
		page.More = s.older(page.Messages)
		complete = len(page.Messages) == args.Limit || !s.more
		return err
	})
	if err != nil {
		return chat.HistoryLoadAnswer{}, false, fmt.Errorf("read the history: %w", err)
	}
	return page, complete, nil
}

// KeepHistory stores a page that the hub answered, if it joins the tail without a hole, and tells whether it did.
func (c *Cache) KeepHistory(ctx context.Context, id chat.ConversationID, page chat.HistoryLoadAnswer) (kept bool, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		kept = false
		s, found, err := stateOf(ctx, tx, id)
		if err != nil || !found || len(page.Messages) == 0 {
			return err
		}
		end := s.firstN
		if end == 0 {
			end = s.lastN + 1
		}
		joined := page.Messages
		for len(joined) > 0 && joined[len(joined)-1].N >= end { // what is here already
			joined = joined[:len(joined)-1]
		}
		if len(joined) == 0 || checkRun(joined, id, end) != nil {
			return nil
		}
		for i := range joined {
			if err := putMessage(ctx, tx, &joined[i]); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE conversations SET more = $1 WHERE conversation_id = $2", page.More, id)
		kept = err == nil
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep history: %w", err)
	}
	return kept, nil
}

// ToFill is the history that is to be loaded next.
type ToFill struct {
	// ConversationID is empty if there is none.
	ConversationID chat.ConversationID
	// BeforeN is the number of the oldest message that is here; 0 if none is.
	BeforeN int64
	// Kept messages are here, Of the Of that there are in all conversations.
	Kept, Of int64
}

// NextToFill returns what is to be loaded next: of the conversations of which the hub has more, the one with the newest message that is
// not passed over.
func (c *Cache) NextToFill(ctx context.Context, passed map[chat.ConversationID]bool) (next ToFill, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		next = ToFill{}
		counts := tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM messages), (SELECT coalesce(sum(last_n), 0) FROM conversations)")
		if err := counts.Scan(&next.Kept, &next.Of); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT conversation_id, coalesce((SELECT min(n) FROM messages m WHERE m.conversation_id = c.conversation_id), 0)
			FROM conversations c WHERE more = 1 AND last_n > 0 ORDER BY last_at DESC, conversation_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id chat.ConversationID
			var first int64
			if err := rows.Scan(&id, &first); err != nil {
				return err
			}
			if !passed[id] {
				next.ConversationID, next.BeforeN = id, first
				return nil
			}
		}
		return rows.Err()
	})
	if err != nil {
		return ToFill{}, fmt.Errorf("look for history to load: %w", err)
	}
	return next, nil
}
