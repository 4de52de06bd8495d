-- Groups, teams and queues are edited, not only made. The hub keeps names apart, whatever their case; a name of one batch may
-- have been another's a moment before, so it is no key here.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE group_edited (
    group_id   TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO group_edited SELECT group_id, name, 'functional', created_by, created_at, 1, created_by, created_at FROM "group";
-- +goose StatementEnd

-- +goose StatementBegin
DROP TABLE "group";
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE group_edited RENAME TO "group";
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE team_edited (
    team_id    TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
INSERT INTO team_edited SELECT team_id, name, created_by, created_at, 1, created_by, created_at FROM team;
-- +goose StatementEnd

-- +goose StatementBegin
DROP TABLE team;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE team_edited RENAME TO team;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE queue (
    queue_id   TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    team_ids   TEXT    NOT NULL, -- a JSON array: those that serve it
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    changed_by TEXT    NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd

-- EXP-20: agents who were given no group are in this one; empty as long as nobody needed it.
-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN default_group TEXT NOT NULL DEFAULT '';
-- +goose StatementEnd

-- +goose StatementBegin
UPDATE organisation SET default_group = coalesce((SELECT group_id FROM "group" WHERE lower(name) = 'agents'), '');
-- +goose StatementEnd
