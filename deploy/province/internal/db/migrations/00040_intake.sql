-- Times that are doubted are marked; a journal belongs to a kiosk; a kiosk's
-- latest batch tells a copied card.

-- +goose Up

ALTER TABLE arrivals ADD COLUMN doubt BIGINT NOT NULL DEFAULT 0;

ALTER TABLE kiosks ADD COLUMN journal BYTEA;
ALTER TABLE kiosks ADD COLUMN batch_made BIGINT NOT NULL DEFAULT 0;

ALTER TABLE journals ADD COLUMN journal BYTEA;
UPDATE journals SET journal = id;
CREATE INDEX journals_journal ON journals (journal);

-- A person with many entries has several orders of a request.
CREATE TABLE erasure_parts (
    journal BYTEA  NOT NULL,
    kiosk   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    request TEXT   NOT NULL,
    part    BIGINT NOT NULL,
    entries BYTEA  NOT NULL,
    proved  BIGINT NOT NULL,
    PRIMARY KEY (journal, at, request, part)
);
INSERT INTO erasure_parts SELECT journal, kiosk, at, request, 0, entries, proved FROM erasures;
DROP TABLE erasures;
ALTER TABLE erasure_parts RENAME TO erasures;
CREATE INDEX erasures_kiosk ON erasures (kiosk);

-- Retention counts from the arrival.
DROP INDEX arrivals_expiry;
CREATE INDEX arrivals_expiry ON arrivals (expired, at);

-- +goose Down

DROP INDEX arrivals_expiry;
CREATE INDEX arrivals_expiry ON arrivals (expired, oldest);
CREATE TABLE erasure_orders (
    journal BYTEA  NOT NULL,
    kiosk   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    request TEXT   NOT NULL,
    entries BYTEA  NOT NULL,
    proved  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (journal, at, request)
);
INSERT INTO erasure_orders SELECT journal, kiosk, at + part, request, entries, proved FROM erasures;
DROP TABLE erasures;
ALTER TABLE erasure_orders RENAME TO erasures;
CREATE INDEX erasures_kiosk ON erasures (kiosk);
DROP INDEX journals_journal;
ALTER TABLE journals DROP COLUMN journal;
ALTER TABLE kiosks DROP COLUMN batch_made;
ALTER TABLE kiosks DROP COLUMN journal;
ALTER TABLE arrivals DROP COLUMN doubt;
