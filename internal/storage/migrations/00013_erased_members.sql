-- +goose Up

-- When a member was erased. The row stays, without name and phone, so that the
-- number, which the points ledger goes by, is never given to anybody else.
ALTER TABLE members ADD COLUMN erased_at BIGINT;
