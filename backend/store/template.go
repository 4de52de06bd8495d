package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"parley/backend/chat"
)

// Template is a template's row.
type Template struct {
	chat.Template
	TeamIDs  []chat.TeamID
	QueueIDs []chat.QueueID
	Made
}

var upsertTemplates = newInsert("INSERT INTO template (template_id, name, shortcut, text, document, attachments, team_ids, queue_ids, "+madeColumns+")", 13,
	` ON CONFLICT (template_id) DO UPDATE SET name = excluded.name, shortcut = excluded.shortcut, text = excluded.text, document = excluded.document,
	attachments = excluded.attachments, team_ids = excluded.team_ids, queue_ids = excluded.queue_ids, revision = excluded.revision,
	changed_by = excluded.changed_by, changed_at = excluded.changed_at`)

func (w *writer) writeTemplates(c *Changes) error {
	err := insertRows(w, upsertTemplates, c.Templates, func(args []any, t *Template) ([]any, error) {
		var attachments []byte
		if len(t.Attachments) > 0 {
			var err error
			if attachments, err = json.Marshal(t.Attachments); err != nil {
				return nil, err
			}
		}
		teams, err := json.Marshal(append([]chat.TeamID{}, t.TeamIDs...))
		if err != nil {
			return nil, err
		}
		queues, err := json.Marshal(append([]chat.QueueID{}, t.QueueIDs...))
		return t.appendTo(append(args, string(t.ID), t.Name, t.Shortcut, t.Text, string(t.Document), string(attachments), string(teams), string(queues))), err
	})
	if err != nil {
		return err
	}
	for _, id := range c.GoneTemplates {
		if err := w.exec("DELETE FROM template WHERE template_id = $1", string(id)); err != nil {
			return err
		}
	}
	return nil
}

func loadTemplates(ctx context.Context, tx *sql.Tx, st *State) error {
	const query = "SELECT template_id, name, shortcut, text, document, attachments, team_ids, queue_ids, " + madeColumns + " FROM template ORDER BY template_id"
	return each(ctx, tx, query, func(r *sql.Rows) error {
		var t Template
		var document, attachments, teams, queues []byte
		if err := r.Scan(t.into(&t.ID, &t.Name, &t.Shortcut, &t.Text, &document, &attachments, &teams, &queues)...); err != nil {
			return err
		}
		if len(document) > 0 {
			t.Document = document
		}
		if len(attachments) > 0 {
			if err := json.Unmarshal(attachments, &t.Attachments); err != nil {
				return fmt.Errorf("files of template %s: %w", t.ID, err)
			}
		}
		if err := json.Unmarshal(teams, &t.TeamIDs); err != nil {
			return fmt.Errorf("teams of template %s: %w", t.ID, err)
		}
		if err := json.Unmarshal(queues, &t.QueueIDs); err != nil {
			return fmt.Errorf("queues of template %s: %w", t.ID, err)
		}
		st.Templates = append(st.Templates, t)
		return nil
	})
}
