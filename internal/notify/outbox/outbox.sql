-- The sandbox phone: one row for every text that was sent, in the order in which
-- they were. The key says what must be sent once; one-time codes have none.
-- Times are microseconds since 1970, UTC.
CREATE TABLE IF NOT EXISTS sms_messages (
    number    INTEGER PRIMARY KEY,
    key       TEXT UNIQUE,
    order_id  TEXT   NOT NULL,
    recipient TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
