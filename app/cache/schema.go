package cache

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"parley/backend/chat"
)

// migrations is append-only: entry i brings the schema from version i to i+1. Versions that were released never change.
//
// People, teams, templates, conversations and rights are kept as the JSON in which the hub sent them, so a field that this version does
// not know survives until a later version asks for it. Messages, drafts and the outbox have columns, because they are checked,
// searched and counted; what else a message has is the JSON in rest.
var migrations = []string{`
CREATE TABLE profile (
	profile_id INTEGER PRIMARY KEY CHECK (profile_id = 1),
	schema_version INTEGER NOT NULL,
	device_id TEXT NOT NULL,
	server TEXT NOT NULL,
	user_id TEXT NOT NULL,
	cursor TEXT NOT NULL
) STRICT;
CREATE TABLE facts (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE teams (team_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE people (user_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE start_rights (user_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE post_rights (conversation_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE conversations (
	conversation_id TEXT PRIMARY KEY,
	body TEXT NOT NULL,
	last_n INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	read_n INTEGER NOT NULL,
	read_dirty INTEGER NOT NULL,
	more INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_last_at ON conversations (last_at DESC);
CREATE TABLE messages (
	conversation_id TEXT NOT NULL,
	n INTEGER NOT NULL,
	message_id TEXT NOT NULL UNIQUE,
	author_id TEXT NOT NULL,
	at INTEGER NOT NULL,
	text TEXT NOT NULL,
	document TEXT NOT NULL,
	checksum INTEGER NOT NULL,
	PRIMARY KEY (conversation_id, n)
) STRICT;
CREATE TABLE drafts (
	account TEXT NOT NULL,
	conversation_id TEXT NOT NULL,
	text TEXT NOT NULL,
	document TEXT NOT NULL,
	at INTEGER NOT NULL,
	dirty INTEGER NOT NULL,
	PRIMARY KEY (account, conversation_id)
) STRICT;
CREATE TABLE outbox (
	outbox_order INTEGER PRIMARY KEY AUTOINCREMENT,
	account TEXT NOT NULL,
	message_id TEXT NOT NULL UNIQUE,
	conversation_id TEXT NOT NULL,
	text TEXT NOT NULL,
	document TEXT NOT NULL,
	at INTEGER NOT NULL,
	state TEXT NOT NULL,
	posted_n INTEGER NOT NULL,
	error TEXT NOT NULL,
	checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_conversation ON outbox (account, state, conversation_id, outbox_order);
`, `
CREATE VIRTUAL TABLE message_words USING fts5(text, content='messages', content_rowid='rowid', columnsize=0,
	prefix='2 3', tokenize='unicode61 remove_diacritics 2');
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
INSERT INTO message_words (message_words) VALUES ('rebuild');
`, `
ALTER TABLE messages ADD COLUMN attachments TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN files TEXT NOT NULL DEFAULT '';
`, `
ALTER TABLE conversations ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
`, `ALTER TABLE messages ADD COLUMN rest TEXT NOT NULL DEFAULT '';
`, `ALTER TABLE outbox ADD COLUMN rest TEXT NOT NULL DEFAULT '';
`, `CREATE TABLE templates (template_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
`, `
CREATE TABLE pictures (
	file_id TEXT NOT NULL,
	small INTEGER NOT NULL,
	message_id TEXT NOT NULL,
	type TEXT NOT NULL,
	bytes BLOB NOT NULL,
	checksum INTEGER NOT NULL,
	PRIMARY KEY (file_id, small)
) STRICT;
CREATE INDEX pictures_by_message ON pictures (message_id);
CREATE INDEX messages_with_files ON messages (attachments) WHERE attachments <> '';
`}

// migrate brings the schema up to date, each step in a transaction of its own. The version stands in the file's header and in
// the profile row: a newer program's file has both raised, while a damaged header disagrees with the row.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version != 0 {
		var inside int
		if err := db.QueryRowContext(ctx, "SELECT schema_version FROM profile WHERE profile_id = 1").Scan(&inside); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		if inside != version {
			return fmt.Errorf("%w: the file says version %d and %d", errDamaged, version, inside)
		}
	}
	if version > len(migrations) {
		return ErrNewer
	}
	for ; version < len(migrations); version++ {
		if err := migrateStep(ctx, db, version); err != nil {
			return fmt.Errorf("bring the local data to version %d: %w", version+1, err)
		}
	}
	return nil
}

func migrateStep(ctx context.Context, db *sql.DB, from int) error {
	return update(ctx, db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, migrations[from]); err != nil {
			return err
		}
		if from == 0 {
			_, err := tx.ExecContext(ctx, `INSERT INTO profile (profile_id, schema_version, device_id, server, user_id, cursor)
				VALUES (1, 0, $1, '', '', '')`, chat.NewUUID())
			if err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "UPDATE profile SET schema_version = $1", from+1); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", from+1))
		return err
	})
}

// checkSchema compares the file's schema with that of a new file: a flipped bit in the name of a table is no damage to SQLite.
func checkSchema(ctx context.Context, db *sql.DB) error {
	want, err := freshSchema()
	if err != nil {
		return err
	}
	got, err := schemaText(ctx, db)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: its tables are not those of this program", errDamaged)
	}
	return nil
}

// freshSchema is the schema of a new file.
var freshSchema = sync.OnceValues(func() (string, error) {
	fresh, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer fresh.Close()
	fresh.SetMaxOpenConns(1) // each connection would have a memory of its own
	if err := migrate(context.Background(), fresh); err != nil {
		return "", err
	}
	return schemaText(context.Background(), fresh)
})

func schemaText(ctx context.Context, db *sql.DB) (text string, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(group_concat(name || ': ' || coalesce(sql, ''), char(10)), '')
		FROM (SELECT name, sql FROM sqlite_schema ORDER BY name)`).Scan(&text)
	return text, err
}
