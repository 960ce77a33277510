-- +goose Up

-- The numbers that orders had on the store's board when its day began (",47,48,"), which
-- are not given on that day. PostgreSQL's statements alone read them: they may be older
-- than the day's beginning, and do not see such orders.
ALTER TABLE pickup_series ADD COLUMN held TEXT NOT NULL DEFAULT '';
