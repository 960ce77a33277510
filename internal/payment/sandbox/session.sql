-- One row for every payment page that was made for a charge. Times are microseconds since
-- 1970, UTC. The money of a customer who has paid already is taken at captures_at, 0 of one
-- who has not.
CREATE TABLE IF NOT EXISTS sandbox_sessions (
    session     TEXT   NOT NULL PRIMARY KEY,
    charge_key  TEXT   NOT NULL UNIQUE,
    order_url   TEXT   NOT NULL,
    summary     TEXT   NOT NULL,
    language    TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL,
    captures_at BIGINT NOT NULL
);
