-- +goose Up

-- What orders have reserved before they were paid for: points, a coupon's use, room in a slot. What
-- was released stays as a row, which bars a reservation that comes late.
CREATE TABLE reservations (
    order_id          TEXT   NOT NULL PRIMARY KEY,
    store             TEXT   NOT NULL,
    membership_number TEXT   NOT NULL,
    points            BIGINT NOT NULL,
    coupon            TEXT   NOT NULL,
    slot_at           BIGINT NOT NULL,
    cups              BIGINT NOT NULL,
    capacity          BIGINT NOT NULL,
    reserved_at       BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,
    released_at       BIGINT NOT NULL
);

CREATE INDEX reservations_of_coupon ON reservations (coupon, membership_number) WHERE released_at = 0 AND coupon <> '';
CREATE INDEX reservations_to_expire ON reservations (expires_at) WHERE released_at = 0;

-- The coupons, with how often they may be used, by all and by each member (0: as often as one
-- likes), and how often they are in use.
CREATE TABLE coupons (
    code            TEXT   NOT NULL PRIMARY KEY,
    document        TEXT   NOT NULL,
    version         BIGINT NOT NULL,
    uses            BIGINT NOT NULL,
    uses_per_member BIGINT NOT NULL,
    used            BIGINT NOT NULL
);

-- How many cups are reserved in each slot of five minutes of a store.
CREATE TABLE slots (
    store TEXT   NOT NULL,
    at    BIGINT NOT NULL,
    cups  BIGINT NOT NULL,
    PRIMARY KEY (store, at)
);
