-- Messages quote another one of their conversation and mention who takes part in it, and users react to them.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN reply_to BLOB NOT NULL DEFAULT x''; -- the quoted message, 16 bytes; empty for none
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN reply_to_n INTEGER NOT NULL DEFAULT 0; -- its number
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN reactions TEXT NOT NULL DEFAULT ''; -- JSON, a list with users' keys; empty for none
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE message ADD COLUMN mentions TEXT NOT NULL DEFAULT ''; -- JSON, a list of users' keys; empty for nobody
-- +goose StatementEnd
