-- +goose Up

-- The events of the payment provider that have been dealt with. A provider
-- delivers an event more than once, for some days.
CREATE TABLE provider_events (
    id          TEXT   NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL
);

CREATE INDEX provider_events_by_age ON provider_events (received_at);
