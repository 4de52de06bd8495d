-- Which supervisors may read the conversations of a group's agents, and follow them live (EXP-17). Nobody may who is not named.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE monitoring (
    group_id    TEXT    NOT NULL PRIMARY KEY,
    transcripts TEXT    NOT NULL, -- a JSON array of user ids
    live        TEXT    NOT NULL, -- likewise
    revision    INTEGER NOT NULL,
    changed_by  TEXT    NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN watching_shown INTEGER NOT NULL DEFAULT 0 CHECK (watching_shown IN (0, 1)); -- to those watched
-- +goose StatementEnd
