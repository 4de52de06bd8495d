-- What users ask to be allowed, and what administrators decided.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE request (
    request_id      TEXT    NOT NULL PRIMARY KEY,
    user_key        INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    act             TEXT    NOT NULL,
    other_id        TEXT    NOT NULL, -- the target: a user,
    conversation_id TEXT    NOT NULL, -- or a conversation, or neither
    text            TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'applied', 'declined')),
    decided_by      TEXT    NOT NULL, -- empty while it is open
    decided_at      INTEGER NOT NULL,
    note            TEXT    NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE INDEX request_at ON request (at);
-- +goose StatementEnd
