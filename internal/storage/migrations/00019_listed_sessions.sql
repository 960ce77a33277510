-- +goose Up

-- Whose browser a session is, and since when, for people to tell them apart.
ALTER TABLE staff_sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
