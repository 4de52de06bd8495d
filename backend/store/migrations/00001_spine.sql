-- The spine: who there is, who may know of whom, and the one log of what happened.
--
-- The log is dense: each seq stands in exactly one of the tables message and event. A posted message is its own entry, so
-- that its bytes are written once. Small integers called key join tables inside; ids are the words that leave the server.
-- References are checked at commit: a statement of many rows then needs no journal of its own.
-- Times are milliseconds since 1970 UTC, zero is never. "by" is a user's id, or "console".

-- +goose Up

-- +goose StatementBegin
CREATE TABLE log (
    log_id     INTEGER PRIMARY KEY CHECK (log_id = 1),
    epoch      BLOB    NOT NULL, -- which log this is; empty in a backup, so what is opened from one is another log
    secret     BLOB    NOT NULL, -- seals cursors
    floor      INTEGER NOT NULL, -- what is not after this seq may have been forgotten
    created_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE organisation (
    organisation_id INTEGER PRIMARY KEY CHECK (organisation_id = 1),
    name            TEXT    NOT NULL,
    messaging       INTEGER NOT NULL CHECK (messaging IN (0, 1)),
    mode            TEXT    NOT NULL,
    reply_window_ms INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    changed_by      TEXT    NOT NULL,
    changed_at      INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- IM-1: internal messaging is on by default; answers count as replies for 7 days.
-- +goose StatementBegin
INSERT INTO organisation (organisation_id, name, messaging, mode, reply_window_ms, revision, changed_by, changed_at)
VALUES (1, 'Parley', 1, 'everyone', 604800000, 1, 'console', 0);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE "group" (
    group_id   TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE team (
    team_id    TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE "user" (
    user_key      INTEGER PRIMARY KEY,
    user_id       TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL UNIQUE, -- signs in with it; lower case
    display_name  TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    group_id      TEXT    NOT NULL, -- empty: in no group
    team_ids      TEXT    NOT NULL, -- a JSON array
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    password      TEXT    NOT NULL, -- encoded hash
    settings      TEXT    NOT NULL, -- JSON: Replies and Start in force
    pending       TEXT    NOT NULL, -- JSON: those of the next sign-in; empty for none
    settings_by   TEXT    NOT NULL,
    settings_at   INTEGER NOT NULL,
    status_state  TEXT    NOT NULL,
    status_reason TEXT    NOT NULL,
    status_at     INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    changed_by    TEXT    NOT NULL,
    changed_at    INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- What decides who may know of whom, from seq on, and who made it so.
-- +goose StatementBegin
CREATE TABLE standing (
    user_key   INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    seq        INTEGER NOT NULL,
    role       TEXT    NOT NULL,
    group_id   TEXT    NOT NULL,
    active     INTEGER NOT NULL CHECK (active IN (0, 1)),
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (user_key, seq)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE session (
    session_id  TEXT    NOT NULL PRIMARY KEY,
    user_key    INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    token_hash  BLOB    NOT NULL UNIQUE, -- SHA-256; the token itself is kept nowhere
    device_id   TEXT    NOT NULL,
    device_kind TEXT    NOT NULL,
    device_name TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE conversation (
    conversation_key INTEGER PRIMARY KEY,
    conversation_id  TEXT    NOT NULL UNIQUE,
    kind             TEXT    NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE participant (
    conversation_key INTEGER NOT NULL REFERENCES conversation (conversation_key) DEFERRABLE INITIALLY DEFERRED,
    user_key         INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    read_n           INTEGER NOT NULL,
    wrote_at         INTEGER NOT NULL, -- when the user last wrote here; the other side's reply window begins then
    PRIMARY KEY (conversation_key, user_key)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE message (
    seq              INTEGER PRIMARY KEY,
    message_id       BLOB    NOT NULL UNIQUE, -- 16 bytes
    conversation_key INTEGER NOT NULL REFERENCES conversation (conversation_key) DEFERRABLE INITIALLY DEFERRED,
    n                INTEGER NOT NULL,
    user_key         INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    at               INTEGER NOT NULL,
    text             TEXT    NOT NULL,
    document         TEXT    NOT NULL, -- JSON; empty for plain text
    hash             BLOB    NOT NULL, -- of the command that posted it, so a repeat is known for ever
    checksum         INTEGER NOT NULL, -- CRC-32C of all other columns
    UNIQUE (conversation_key, n)
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE event (
    seq      INTEGER PRIMARY KEY,
    audience TEXT    NOT NULL, -- 'everybody', 'directory', 'user.KEY' or 'conversation.KEY'
    subject  TEXT    NOT NULL, -- the user the event speaks of; empty if nobody
    type     TEXT    NOT NULL,
    body     TEXT    NOT NULL, -- JSON as it is told
    by       TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE INDEX event_audience ON event (audience, seq);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE draft (
    user_key        INTEGER NOT NULL REFERENCES "user" (user_key) DEFERRABLE INITIALLY DEFERRED,
    conversation_id TEXT    NOT NULL, -- the conversation may not have begun yet
    text            TEXT    NOT NULL,
    document        TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (user_key, conversation_id)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd
