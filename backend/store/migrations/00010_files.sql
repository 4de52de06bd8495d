-- Files of messages. What a message says of its files stands in its row; the table says of which message a file is, so that it is of
-- one only, and how much each user's files take.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN attachments TEXT NOT NULL DEFAULT ''; -- JSON, a list; empty for none
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE file (
    file_id  BLOB    NOT NULL PRIMARY KEY, -- 16 bytes
    seq      INTEGER NOT NULL,             -- of the message
    user_key INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    size     INTEGER NOT NULL              -- bytes
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE INDEX file_user ON file (user_key, size);
-- +goose StatementEnd
