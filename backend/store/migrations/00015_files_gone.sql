-- The files of deleted messages are nobody's any more: their bytes go, and they count for nobody. Here are those of messages that were
-- deleted before that was so.

-- +goose Up

-- +goose StatementBegin
DELETE FROM file WHERE seq IN (SELECT seq FROM message WHERE deleted_at > 0);
-- +goose StatementEnd
