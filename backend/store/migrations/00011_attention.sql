-- How users want to be disturbed: their own choices, the organisation's for those who have not chosen, and muted conversations.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE "user" ADD COLUMN attention TEXT NOT NULL DEFAULT '{}'; -- JSON
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN reminder_mode TEXT NOT NULL DEFAULT ''; -- empty: with every new message
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN reminder_after_ms INTEGER NOT NULL DEFAULT 0;
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE participant ADD COLUMN muted INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1));
-- +goose StatementEnd
