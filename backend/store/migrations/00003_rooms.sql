-- Rooms: conversations with a name, into which users come and from which they go.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- a room's
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN hash BLOB NOT NULL DEFAULT x''; -- of the command that made a room, so a repeat is known for ever
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE participant ADD COLUMN since_seq INTEGER NOT NULL DEFAULT 0; -- when the membership of a room began, else 0
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE participant ADD COLUMN left_seq INTEGER NOT NULL DEFAULT 0; -- when it ended; 0 while it lasts
-- +goose StatementEnd
