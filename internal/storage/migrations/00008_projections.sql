-- +goose Up

-- Where in which run's history each order's snapshot was taken: one from later
-- in it replaces one from earlier, whatever their versions.
ALTER TABLE orders ADD COLUMN run_id TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN history_length BIGINT NOT NULL DEFAULT 0;
