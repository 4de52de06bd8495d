-- Permission sets, licenses and the edition (SPEC 1.2).

-- +goose Up

-- +goose StatementBegin
CREATE TABLE permission_set (
    set_id      TEXT    PRIMARY KEY,
    label       TEXT    NOT NULL,
    api_name    TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    license     TEXT    NOT NULL, -- the one the set is tied to; empty for none
    permissions TEXT    NOT NULL, -- JSON, a list
    sessions    TEXT    NOT NULL, -- access to messaging sessions
    contacts    TEXT    NOT NULL, -- access to messaging users
    statuses    TEXT    NOT NULL, -- JSON, a list
    revision    INTEGER NOT NULL,
    changed_by  TEXT    NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE licensing (
    licensing_id INTEGER PRIMARY KEY CHECK (licensing_id = 1),
    edition      TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    changed_by   TEXT    NOT NULL,
    changed_at   INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO licensing (licensing_id, edition, revision, changed_by, changed_at) VALUES (1, 'standard', 1, 'console', 0);
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE "user" ADD COLUMN license TEXT NOT NULL DEFAULT ''; -- empty for none
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE "user" ADD COLUMN set_ids TEXT NOT NULL DEFAULT '[]'; -- JSON, the permission sets in their order of assignment
-- +goose StatementEnd
