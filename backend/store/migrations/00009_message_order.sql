-- Messages lie in the order of their conversation: history and what somebody missed are read from pages that stand together,
-- instead of one page for each message.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE message_ordered (
    conversation_key INTEGER NOT NULL REFERENCES conversation (conversation_key) DEFERRABLE INITIALLY DEFERRED,
    n                INTEGER NOT NULL,
    seq              INTEGER NOT NULL UNIQUE,
    message_id       BLOB    NOT NULL UNIQUE, -- 16 bytes
    user_key         INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    at               INTEGER NOT NULL,
    text             TEXT    NOT NULL,
    document         TEXT    NOT NULL, -- JSON; empty for plain text
    hash             BLOB    NOT NULL, -- of the command that posted it, so a repeat is known for ever
    checksum         INTEGER NOT NULL, -- CRC-32C of all other columns
    PRIMARY KEY (conversation_key, n)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO message_ordered (conversation_key, n, seq, message_id, user_key, at, text, document, hash, checksum)
SELECT conversation_key, n, seq, message_id, user_key, at, text, document, hash, checksum FROM message ORDER BY conversation_key, n;
-- +goose StatementEnd

-- +goose StatementBegin
DROP TABLE message;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message_ordered RENAME TO message;
-- +goose StatementEnd
