-- +goose Up

-- When the workflow task began, in microseconds, that has written the row. A task that was lost
-- leaves nothing in the history, so that the one done again in its place begins where it began.
ALTER TABLE orders ADD COLUMN taken_at BIGINT NOT NULL DEFAULT 0;
