-- A second factor at sign-in: what a user has set up, and the roles of which it is asked.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE "user" ADD COLUMN factor TEXT NOT NULL DEFAULT '{}'; -- JSON
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN second_factor TEXT NOT NULL DEFAULT '[]'; -- a JSON array of roles
-- +goose StatementEnd
