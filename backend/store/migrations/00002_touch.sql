-- Whether the database can be written is found out by writing: a change that changes nothing never reaches the disk.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE log ADD COLUMN touched INTEGER NOT NULL DEFAULT 0; -- how often that was asked
-- +goose StatementEnd
