package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"parley/backend/chat"
)

// Monitoring is the row of a group's monitoring.
type Monitoring struct {
	chat.MonitoringRule
	ChangedBy string
	ChangedAt chat.Millis
}

var upsertMonitoring = newInsert("INSERT INTO monitoring (group_id, transcripts, live, revision, changed_by, changed_at)", 6,
	`ON CONFLICT (group_id) DO UPDATE SET transcripts = excluded.transcripts, live = excluded.live, revision = excluded.revision,
	changed_by = excluded.changed_by, changed_at = excluded.changed_at`)

func (w *writer) writeMonitoring(c *Changes) error {
	return insertRows(w, upsertMonitoring, c.Monitoring, func(args []any, m *Monitoring) ([]any, error) {
		transcripts, err := json.Marshal(m.Transcripts)
		if err != nil {
			return nil, err
		}
		live, err := json.Marshal(m.Live)
		if err != nil {
			return nil, err
		}
		return append(args, string(m.GroupID), string(transcripts), string(live), m.Revision, m.ChangedBy, int64(m.ChangedAt)), nil
	})
}

func loadMonitoring(ctx context.Context, tx *sql.Tx, st *State) error {
	return each(ctx, tx, "SELECT group_id, transcripts, live, revision, changed_by, changed_at FROM monitoring ORDER BY group_id", func(r *sql.Rows) error {
		var m Monitoring
		var transcripts, live []byte
		err := r.Scan(&m.GroupID, &transcripts, &live, &m.Revision, &m.ChangedBy, &m.ChangedAt)
		if err == nil {
			err = json.Unmarshal(transcripts, &m.Transcripts)
		}
		if err == nil {
			err = json.Unmarshal(live, &m.Live)
		}
		st.Monitoring = append(st.Monitoring, m)
		return err
	})
}
