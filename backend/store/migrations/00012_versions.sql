-- Messages are edited and deleted by their authors. What stands in message is what is told now; what it was before stays beside it.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- how often it was edited or deleted
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN edited_at INTEGER NOT NULL DEFAULT 0; -- 0 for never
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN deleted_at INTEGER NOT NULL DEFAULT 0; -- 0 for never
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE message_version (
    conversation_key INTEGER NOT NULL,
    n                INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    at               INTEGER NOT NULL, -- when it was written so
    text             TEXT    NOT NULL,
    document         TEXT    NOT NULL,
    attachments      TEXT    NOT NULL,
    checksum         INTEGER NOT NULL, -- CRC-32C of all other columns
    PRIMARY KEY (conversation_key, n, revision),
    FOREIGN KEY (conversation_key, n) REFERENCES message (conversation_key, n) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd
