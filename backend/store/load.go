package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Load reads what the hub's facts are made of, at one moment.
func (s *Store) Load(ctx context.Context) (*State, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return nil, ErrClosed
	}
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	st := &State{}
	for _, step := range []struct {
		what string
		run  func(context.Context, *sql.Tx, *State) error
	}{
		{"log", loadLog}, {"organisation", loadOrganisation}, {"groups, teams and queues", loadPlaces}, {"templates", loadTemplates}, {"permission sets", loadSets}, {"users", loadUsers}, {"standings", loadStandings},
		{"sessions", loadSessions}, {"conversations", loadConversations}, {"participants", loadParticipants},
		{"requests", loadRequests}, {"monitoring", loadMonitoring},
		{"audit log", loadAudit},
	} {
		if err := step.run(ctx, tx, st); err != nil {
			return nil, errors.Join(fmt.Errorf("load %s: %w", step.what, err), tx.Rollback())
		}
	}
	return st, tx.Rollback()
}

// each runs query and hands every row to scan.
func each(ctx context.Context, tx *sql.Tx, query string, scan func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func loadLog(ctx context.Context, tx *sql.Tx, st *State) error {
	l := &st.Log
	return tx.QueryRowContext(ctx, `SELECT epoch, secret, push_key, floor,
		max(floor, (SELECT coalesce(max(seq), 0) FROM message), (SELECT coalesce(max(seq), 0) FROM event)) FROM log`).
		Scan(&l.Epoch, &l.Secret, &l.PushKey, &l.Floor, &l.Head)
}

func loadOrganisation(ctx context.Context, tx *sql.Tx, st *State) error {
	o := &st.Organisation
	var factor []byte
	err := tx.QueryRowContext(ctx, `SELECT name, messaging, mode, reply_window_ms, watching_shown, default_group, reminder_mode, reminder_after_ms,
		push_text, second_factor, revision, changed_by, changed_at FROM organisation`).
		Scan(&o.Name, &o.Messaging, &o.Mode, &o.ReplyWindowMs, &o.WatchingShown, &o.DefaultGroup, &o.Reminder.Mode, &o.Reminder.AfterMs,
			&o.PushText, &factor, &o.Revision, &o.ChangedBy, &o.ChangedAt)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(factor, &o.SecondFactor); err != nil {
		return fmt.Errorf("roles that need a second factor: %w", err)
	}
	return nil
}

func loadSets(ctx context.Context, tx *sql.Tx, st *State) error {
	l := &st.Licensing
	err := tx.QueryRowContext(ctx, "SELECT edition, revision, changed_by, changed_at FROM licensing").Scan(&l.Edition, &l.Revision, &l.ChangedBy, &l.ChangedAt)
	if err != nil {
		return err
	}
	const query = `SELECT set_id, label, api_name, license, permissions, sessions, contacts, statuses, revision, changed_by, changed_at
		FROM permission_set ORDER BY set_id`
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var s PermissionSet
		var permissions, statuses []byte
		err := r.Scan(&s.ID, &s.Label, &s.APIName, &s.License, &permissions, &s.Sessions, &s.Contacts, &statuses, &s.Revision, &s.ChangedBy, &s.ChangedAt)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(permissions, &s.Permissions); err != nil {
			return fmt.Errorf("permissions of set %s: %w", s.ID, err)
		}
		if err := json.Unmarshal(statuses, &s.Statuses); err != nil {
			return fmt.Errorf("statuses of set %s: %w", s.ID, err)
		}
		st.Sets = append(st.Sets, s)
		return nil
	})
}

func loadUsers(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = `SELECT user_key, user_id, name, display_name, title, role, group_id, team_ids, active, password, settings, pending,
		settings_by, settings_at, status_state, status_reason, status_at, revision, changed_by, changed_at, license, set_ids, attention, factor
		FROM "user" ORDER BY user_key`
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var u User
		var teams, settings, pending, sets, attention, factor []byte
		err := r.Scan(&u.Key, &u.User.ID, &u.Name, &u.User.DisplayName, &u.User.Title, &u.User.Role, &u.GroupID, &teams, &u.User.Active, &u.Password,
			&settings, &pending, &u.SettingsBy, &u.SettingsAt, &u.Status.State, &u.Status.Reason, &u.Status.At, &u.Revision, &u.ChangedBy, &u.ChangedAt,
			&u.License, &sets, &attention, &factor)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(teams, &u.User.TeamIDs); err != nil {
			return fmt.Errorf("teams of user %d: %w", u.Key, err)
		}
		if err := json.Unmarshal(settings, &u.Settings); err != nil {
			return fmt.Errorf("settings of user %d: %w", u.Key, err)
		}
		if err := json.Unmarshal(sets, &u.SetIDs); err != nil {
			return fmt.Errorf("permission sets of user %d: %w", u.Key, err)
		}
		if err := json.Unmarshal(attention, &u.Attention); err != nil {
			return fmt.Errorf("attention of user %d: %w", u.Key, err)
		}
		if err := json.Unmarshal(factor, &u.Factor); err != nil {
			return fmt.Errorf("second factor of user %d: %w", u.Key, err)
		}
		if len(pending) > 0 {
			if err := json.Unmarshal(pending, &u.Pending); err != nil {
				return fmt.Errorf("pending settings of user %d: %w", u.Key, err)
			}
		}
		st.Users = append(st.Users, u)
		return nil
	})
}

func loadStandings(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = "SELECT user_key, seq, role, group_id, active, changed_by, changed_at FROM standing ORDER BY user_key, seq"
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var s Standing
		err := r.Scan(&s.UserKey, &s.Seq, &s.Role, &s.GroupID, &s.Active, &s.ChangedBy, &s.ChangedAt)
		st.Standings = append(st.Standings, s)
		return err
	})
}

func loadSessions(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = `SELECT session_id, user_key, token_hash, device_id, device_kind, device_name, address, created_at, expires_at, seen_at,
		push_endpoint, push_public, push_auth, push_zone FROM session ORDER BY session_id`
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var s Session
		err := r.Scan(&s.ID, &s.UserKey, &s.TokenHash, &s.Device.ID, &s.Device.Kind, &s.Device.Name, &s.Address, &s.CreatedAt, &s.ExpiresAt, &s.SeenAt,
			&s.Push.Endpoint, &s.Push.Key, &s.Push.Auth, &s.Push.TimeZone)
		st.Sessions = append(st.Sessions, s)
		return err
	})
}

func loadConversations(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = `SELECT c.conversation_key, c.conversation_id, c.kind, c.name, c.hash, c.created_at, c.topic, c.public, c.owners_invite,
		c.members_topic, c.notes, coalesce(m.n, 0), coalesce(m.seq, 0),
		(SELECT coalesce(max(e.seq), 0) FROM event e WHERE e.audience = 'conversation.' || c.conversation_key)
		FROM conversation c LEFT JOIN message m ON m.conversation_key = c.conversation_key
			AND m.n = (SELECT max(l.n) FROM message l WHERE l.conversation_key = c.conversation_key)
		ORDER BY c.conversation_key`
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var c Conversation
		var notes []byte
		err := r.Scan(&c.Key, &c.ID, &c.Kind, &c.Name, &c.Hash, &c.CreatedAt, &c.Room.Topic, &c.Room.Public, &c.Room.OwnersInvite, &c.Room.MembersTopic,
			&notes, &c.LastN, &c.Head, &c.EventHead)
		if err != nil {
			return err
		}
		if len(notes) > len("[]") { // most conversations have none
			if err := json.Unmarshal(notes, &c.Room.Notes); err != nil {
				return fmt.Errorf("notes of conversation %d: %w", c.Key, err)
			}
		}
		st.Conversations = append(st.Conversations, c)
		return nil
	})
}

func loadParticipants(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = "SELECT conversation_key, user_key, read_n, wrote_at, muted, since_seq, left_seq, owner FROM participant ORDER BY conversation_key, user_key"
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var p Participant
		err := r.Scan(&p.ConversationKey, &p.UserKey, &p.ReadN, &p.WroteAt, &p.Muted, &p.SinceSeq, &p.LeftSeq, &p.Owner)
		st.Participants = append(st.Participants, p)
		return err
	})
}
