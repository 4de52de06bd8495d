-- Who changed the rules. Entries are never changed or removed, and each is chained to the one before it.

-- +goose Up

-- +goose StatementBegin
CREATE TABLE audit (
    n            INTEGER PRIMARY KEY, -- from 1, without gaps
    at           INTEGER NOT NULL,
    by_id        TEXT    NOT NULL,
    by_name      TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    command      TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    subject_name TEXT    NOT NULL,
    changes      TEXT    NOT NULL, -- JSON
    hash         TEXT    NOT NULL  -- of the hash before it and this entry
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, n);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_grows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'nothing is removed from the audit log'); END;
-- +goose StatementEnd
