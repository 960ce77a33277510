-- +goose Up

-- A reservation whose order was kept (picked up, or not fetched) stays for good, and is not looked
-- at again by whoever releases what has expired. 0: not known to be kept.
ALTER TABLE reservations ADD COLUMN kept_at BIGINT NOT NULL DEFAULT 0;

DROP INDEX reservations_to_expire;
CREATE INDEX reservations_to_expire ON reservations (expires_at, order_id) WHERE released_at = 0 AND kept_at = 0;
CREATE INDEX reservations_to_forget ON reservations (released_at) WHERE released_at <> 0;
CREATE INDEX reservations_of_slots ON reservations (slot_at) WHERE released_at = 0 AND slot_at <> 0;
CREATE INDEX slots_by_time ON slots (at);
