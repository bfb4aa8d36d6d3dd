-- +goose Up

CREATE TABLE campaigns (
    id       TEXT    NOT NULL PRIMARY KEY,
    title    TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    goal     INTEGER NOT NULL,
    area     TEXT    NOT NULL,
    deadline BIGINT  NOT NULL,
    made     BIGINT  NOT NULL,
    account  TEXT    NOT NULL
);

CREATE TABLE agencies (
    campaign TEXT   NOT NULL,
    code     TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    area     TEXT   NOT NULL,
    staff    BIGINT NOT NULL,
    PRIMARY KEY (campaign, code)
);

CREATE TABLE rolls (
    campaign TEXT     NOT NULL,
    agency   TEXT     NOT NULL,
    person   BYTEA    NOT NULL,
    area     TEXT     NOT NULL,
    app      SMALLINT NOT NULL,
    declared SMALLINT NOT NULL,
    at       BIGINT   NOT NULL,
    journal  BYTEA    NOT NULL,
    number   BIGINT   NOT NULL,
    PRIMARY KEY (campaign, agency, person)
);
CREATE INDEX rolls_entry ON rolls (journal, number);

ALTER TABLE erasures ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE erasures DROP COLUMN proved;
DROP TABLE rolls;
DROP TABLE agencies;
DROP TABLE campaigns;
