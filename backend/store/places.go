package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// What users are put into: groups, teams, and the queues that teams serve.

var (
	upsertGroups = newInsert(`INSERT INTO "group" (group_id, name, kind, created_by, created_at, revision, changed_by, changed_at)`, 8,
		` ON CONFLICT (group_id) DO UPDATE SET name = excluded.name, kind = excluded.kind, revision = excluded.revision, changed_by = excluded.changed_by,
		changed_at = excluded.changed_at`)
	upsertTeams = newInsert("INSERT INTO team (team_id, name, created_by, created_at, revision, changed_by, changed_at)", 7,
		` ON CONFLICT (team_id) DO UPDATE SET name = excluded.name, revision = excluded.revision, changed_by = excluded.changed_by,
		changed_at = excluded.changed_at`)
	upsertQueues = newInsert("INSERT INTO queue (queue_id, name, team_ids, created_by, created_at, revision, changed_by, changed_at)", 8,
		` ON CONFLICT (queue_id) DO UPDATE SET name = excluded.name, team_ids = excluded.team_ids, revision = excluded.revision,
		changed_by = excluded.changed_by, changed_at = excluded.changed_at`)
)

func (w *writer) writePlaces(c *Changes) error {
	err := insertRows(w, upsertGroups, c.Groups, func(args []any, g *Group) ([]any, error) {
		return g.appendTo(append(args, string(g.ID), g.Name, string(g.Kind))), nil
	})
	if err != nil {
		return err
	}
	err = insertRows(w, upsertTeams, c.Teams, func(args []any, t *Team) ([]any, error) {
		return t.appendTo(append(args, string(t.ID), t.Name)), nil
	})
	if err != nil {
		return err
	}
	err = insertRows(w, upsertQueues, c.Queues, func(args []any, q *Queue) ([]any, error) {
		teams, err := json.Marshal(q.TeamIDs)
		return q.appendTo(append(args, string(q.ID), q.Name, string(teams))), err
	})
	if err != nil {
		return err
	}
	for _, id := range c.GoneGroups {
		if err := w.exec(`DELETE FROM "group" WHERE group_id = $1`, string(id)); err != nil {
			return err
		}
	}
	for _, id := range c.GoneTeams {
		if err := w.exec("DELETE FROM team WHERE team_id = $1", string(id)); err != nil {
			return err
		}
	}
	for _, id := range c.GoneQueues {
		if err := w.exec("DELETE FROM queue WHERE queue_id = $1", string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (m *Made) appendTo(args []any) []any {
	return append(args, m.CreatedBy, int64(m.CreatedAt), m.Revision, m.ChangedBy, int64(m.ChangedAt))
}

const madeColumns = "created_by, created_at, revision, changed_by, changed_at"

// into returns where a row's columns go: its own, then madeColumns.
func (m *Made) into(own ...any) []any {
	return append(own, &m.CreatedBy, &m.CreatedAt, &m.Revision, &m.ChangedBy, &m.ChangedAt)
}

func loadPlaces(ctx context.Context, tx *sql.Tx, st *State) error {
	err := each(ctx, tx, `SELECT group_id, name, kind, `+madeColumns+` FROM "group" ORDER BY group_id`, func(r *sql.Rows) error {
		var g Group
		err := r.Scan(g.into(&g.ID, &g.Name, &g.Kind)...)
		st.Groups = append(st.Groups, g)
		return err
	})
	if err != nil {
		return err
	}
	err = each(ctx, tx, "SELECT team_id, name, "+madeColumns+" FROM team ORDER BY team_id", func(r *sql.Rows) error {
		var t Team
		err := r.Scan(t.into(&t.ID, &t.Name)...)
		st.Teams = append(st.Teams, t)
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, tx, "SELECT queue_id, name, team_ids, "+madeColumns+" FROM queue ORDER BY queue_id", func(r *sql.Rows) error {
		var q Queue
		var teams []byte
		if err := r.Scan(q.into(&q.ID, &q.Name, &teams)...); err != nil {
			return err
		}
		if err := json.Unmarshal(teams, &q.TeamIDs); err != nil {
			return fmt.Errorf("teams of queue %s: %w", q.ID, err)
		}
		st.Queues = append(st.Queues, q)
		return nil
	})
}
