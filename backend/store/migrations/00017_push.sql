-- Browsers are told of messages while no page is open: each session may have a subscription at its browser's push service, and push
-- services know this server by a key of its own.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE session ADD COLUMN push_endpoint TEXT NOT NULL DEFAULT ''; -- empty: none
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE session ADD COLUMN push_public TEXT NOT NULL DEFAULT ''; -- the browser's public key, base64url
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE session ADD COLUMN push_auth TEXT NOT NULL DEFAULT ''; -- the secret shared with the browser, base64url
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE session ADD COLUMN push_zone TEXT NOT NULL DEFAULT ''; -- the time zone by whose clock quiet hours count there
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE log ADD COLUMN push_key BLOB NOT NULL DEFAULT x''; -- private, 32 bytes; made when the database is opened next
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE organisation ADD COLUMN push_text INTEGER NOT NULL DEFAULT 0 CHECK (push_text IN (0, 1)); -- whether notices show text
-- +goose StatementEnd
