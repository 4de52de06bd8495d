-- Rooms have owners, who decide who finds them and what their members may, and keep notes of that between their messages.

-- +goose Up

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN topic TEXT NOT NULL DEFAULT ''; -- a room's; empty for none
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN public INTEGER NOT NULL DEFAULT 0 CHECK (public IN (0, 1)); -- a room that is found and joined
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN owners_invite INTEGER NOT NULL DEFAULT 0 CHECK (owners_invite IN (0, 1)); -- else all members do
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN members_topic INTEGER NOT NULL DEFAULT 0 CHECK (members_topic IN (0, 1)); -- else owners set it
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE conversation ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'; -- JSON: the last changes of a room
-- +goose StatementEnd

-- +goose StatementBegin
ALTER TABLE participant ADD COLUMN owner INTEGER NOT NULL DEFAULT 0 CHECK (owner IN (0, 1)); -- of the room
-- +goose StatementEnd

-- Whoever made a room owns it: the first to come in was taken in by them.
-- +goose StatementBegin
UPDATE participant SET owner = 1 WHERE left_seq = 0 AND (conversation_key, user_key) IN (
    SELECT c.conversation_key, u.user_key FROM conversation c
    JOIN event e ON e.audience = 'conversation.' || c.conversation_key
    JOIN "user" u ON u.user_id = e.by AND u.active = 1
    WHERE c.kind = 'room' AND e.type = 'room.joined'
        AND e.seq = (SELECT min(f.seq) FROM event f WHERE f.audience = e.audience AND f.type = 'room.joined')
);
-- +goose StatementEnd

-- Where they have gone, it is who has been in it longest.
-- +goose StatementBegin
UPDATE participant SET owner = 1 WHERE (conversation_key, user_key) IN (
    SELECT c.conversation_key, (
        SELECT p.user_key FROM participant p JOIN "user" u ON u.user_key = p.user_key
        WHERE p.conversation_key = c.conversation_key AND p.left_seq = 0
        ORDER BY u.active DESC, p.since_seq, p.user_key LIMIT 1
    ) FROM conversation c WHERE c.kind = 'room'
        AND NOT EXISTS (SELECT 1 FROM participant o WHERE o.conversation_key = c.conversation_key AND o.owner = 1)
);
-- +goose StatementEnd
