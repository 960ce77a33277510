-- +goose Up

-- Codes belonged to a membership number, which its owner may not know. Nobody waits
-- for one for longer than ten minutes.
DROP TABLE member_codes;

-- The one-time codes of the last day. Each belongs to whoever asked for it: only the
-- SHA-256 of their nonce is here, and the code's hash is made with the nonce, so that
-- nobody learns a code from this table. The recipient is a phone number, or for a
-- membership number that is nobody's what no phone number looks like. Every try is
-- counted before it is looked at.
CREATE TABLE one_time_codes (
    nonce_hash TEXT   NOT NULL PRIMARY KEY,
    recipient  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    code_hash  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    tries      BIGINT NOT NULL,
    used       BIGINT NOT NULL
);

CREATE INDEX one_time_codes_by_recipient ON one_time_codes (recipient, created_at);
CREATE INDEX one_time_codes_by_age ON one_time_codes (created_at);

-- How many codes were made and how many guesses were wrong on each day (of UTC,
-- counted since 1970), over all members. Whoever makes a code keeps the day's row
-- until the code is there, so that codes are made one after the other.
CREATE TABLE one_time_code_days (
    day    BIGINT NOT NULL PRIMARY KEY,
    made   BIGINT NOT NULL,
    wrong  BIGINT NOT NULL
);

-- When the member first proved to have the phone, by a code. Until then anybody can
-- have signed up with it.
ALTER TABLE members ADD COLUMN proven_at BIGINT;

-- A token expires some time after its last use.
ALTER TABLE member_tokens ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
UPDATE member_tokens SET last_used_at = created_at;

CREATE INDEX member_tokens_by_member ON member_tokens (membership_number, created_at);

-- The orders that were placed with their member's token. Others may bear the
-- member's number as well: they earn points, and are none of the member's business.
CREATE TABLE member_orders (
    order_id          TEXT NOT NULL PRIMARY KEY,
    membership_number TEXT NOT NULL
);
