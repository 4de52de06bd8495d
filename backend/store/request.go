package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/backend/chat"
)

// Request is a request's row. The user who asks is known by key; RightsRequest.ByID is neither written nor read.
type Request struct {
	UserKey UserKey
	chat.RightsRequest
}

// keptRequests is how many requests that were decided are loaded.
const keptRequests = 500

var upsertRequests = newInsert(`INSERT INTO request (request_id, user_key, act, other_id, conversation_id, text, at, state, decided_by, decided_at, note)`, 11,
	` ON CONFLICT (request_id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, decided_at = excluded.decided_at, note = excluded.note`)

func (w *writer) writeRequests(c *Changes) error {
	return insertRows(w, upsertRequests, c.Requests, func(args []any, r *Request) ([]any, error) {
		return append(args, string(r.ID), int64(r.UserKey), string(r.Act), string(r.OtherID), string(r.ConversationID), r.Text, int64(r.At), string(r.State),
			string(r.DecidedByID), int64(r.DecidedAt), r.Note), nil
	})
}

// loadRequests reads those that are open and the last of the others.
func loadRequests(ctx context.Context, tx *sql.Tx, st *State) error {
	query := fmt.Sprintf(`SELECT request_id, user_key, act, other_id, conversation_id, text, at, state, decided_by, decided_at, note FROM request
		WHERE state = 'open' OR request_id IN (SELECT request_id FROM request WHERE state <> 'open' ORDER BY at DESC LIMIT %d)`, keptRequests)
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var q Request
		err := r.Scan(&q.ID, &q.UserKey, &q.Act, &q.OtherID, &q.ConversationID, &q.Text, &q.At, &q.State, &q.DecidedByID, &q.DecidedAt, &q.Note)
		st.Requests = append(st.Requests, q)
		return err
	})
}

// WroteAt returns when the user wrote last in the conversation, not later than at; zero for never.
func (s *Store) WroteAt(ctx context.Context, c ConversationKey, u UserKey, at chat.Millis) (chat.Millis, error) {
	var wrote chat.Millis
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.wroteAt }, func(r *sql.Rows) error { return r.Scan(&wrote) }, int64(c), int64(u), int64(at))
	if err != nil {
		return 0, fmt.Errorf("look who wrote when: %w", err)
	}
	return wrote, nil
}
