-- Ready answers. Their files stand in the table of files, as of no message (seq 0), so that they are kept and counted like others.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE template (
    template_id TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    shortcut    TEXT    NOT NULL, -- empty for none
    text        TEXT    NOT NULL,
    document    TEXT    NOT NULL, -- JSON; empty for plain text
    attachments TEXT    NOT NULL, -- JSON, a list; empty for none
    team_ids    TEXT    NOT NULL, -- JSON arrays: those it is for, everybody if both are empty
    queue_ids   TEXT    NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    changed_by  TEXT    NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;
-- +goose StatementEnd
