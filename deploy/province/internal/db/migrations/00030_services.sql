-- Services for people: test orders, specimens, pools, results; vaccination;
-- look-ups by kiosks. Columns "person" and "body" are encrypted by package vault,
-- columns "document" are keyed hashes.

-- +goose Up

CREATE TABLE orders (
    journal   BYTEA    NOT NULL,
    entry     BIGINT   NOT NULL,
    kiosk     TEXT     NOT NULL,
    area      TEXT     NOT NULL,
    at        BIGINT   NOT NULL,
    number    TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    reason    TEXT     NOT NULL,
    document  BYTEA,
    day       INTEGER  NOT NULL,
    person    BYTEA,
    PRIMARY KEY (journal, entry)
);
CREATE INDEX orders_number ON orders (number);
CREATE INDEX orders_document ON orders (document);
CREATE INDEX orders_area ON orders (area, at);

CREATE TABLE specimens (
    journal      BYTEA    NOT NULL,
    entry        BIGINT   NOT NULL,
    kiosk        TEXT     NOT NULL,
    area         TEXT     NOT NULL,
    at           BIGINT   NOT NULL,
    tube         TEXT     NOT NULL,
    tube_key     TEXT     NOT NULL,
    technique    SMALLINT NOT NULL,
    reason       TEXT     NOT NULL,
    order_number TEXT     NOT NULL,
    member       INTEGER  NOT NULL,
    voided       BIGINT   NOT NULL,
    called       TEXT     NOT NULL,
    document     BYTEA,
    day          INTEGER  NOT NULL,
    person       BYTEA,
    PRIMARY KEY (journal, entry)
);
CREATE INDEX specimens_tube ON specimens (tube_key);
CREATE INDEX specimens_order ON specimens (order_number);
CREATE INDEX specimens_document ON specimens (document);
CREATE INDEX specimens_area ON specimens (area, at);

CREATE TABLE pool_steps (
    journal   BYTEA    NOT NULL,
    entry     BIGINT   NOT NULL,
    kiosk     TEXT     NOT NULL,
    area      TEXT     NOT NULL,
    at        BIGINT   NOT NULL,
    tube_key  TEXT     NOT NULL,
    step      SMALLINT NOT NULL,
    size      INTEGER  NOT NULL,
    PRIMARY KEY (journal, entry)
);
CREATE INDEX pool_steps_tube ON pool_steps (tube_key);

CREATE TABLE results (
    tube_key  TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    area      TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    outcome   SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    source    TEXT     NOT NULL,
    message   TEXT     NOT NULL,
    PRIMARY KEY (tube_key, technique)
);
CREATE INDEX results_area ON results (area, came);

CREATE TABLE work (
    id        TEXT     NOT NULL PRIMARY KEY,
    area      TEXT     NOT NULL,
    problem   TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    tube_key  TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    outcome   SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    source    TEXT     NOT NULL,
    scope     TEXT     NOT NULL,
    message   TEXT     NOT NULL,
    done      TEXT     NOT NULL,
    decision  TEXT     NOT NULL
);
CREATE INDEX work_tube ON work (tube_key);
CREATE INDEX work_area ON work (area, done);

CREATE TABLE registrations (
    journal  BYTEA   NOT NULL,
    entry    BIGINT  NOT NULL,
    kiosk    TEXT    NOT NULL,
    area     TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    number   TEXT    NOT NULL,
    grp      TEXT    NOT NULL,
    doses    INTEGER NOT NULL,
    wish     TEXT    NOT NULL,
    document BYTEA,
    day      INTEGER NOT NULL,
    person   BYTEA,
    PRIMARY KEY (journal, entry)
);
CREATE INDEX registrations_number ON registrations (number);
CREATE INDEX registrations_document ON registrations (document);
CREATE INDEX registrations_area ON registrations (area, at);

CREATE TABLE doses (
    document BYTEA   NOT NULL,
    number   INTEGER NOT NULL,
    area     TEXT    NOT NULL,
    given    INTEGER NOT NULL,
    product  TEXT    NOT NULL,
    lot      TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    came     BIGINT  NOT NULL,
    source   TEXT    NOT NULL,
    body     BYTEA   NOT NULL,
    PRIMARY KEY (document, number)
);
CREATE INDEX doses_area ON doses (area, given);

CREATE TABLE invitations (
    document BYTEA  NOT NULL PRIMARY KEY,
    area     TEXT   NOT NULL,
    due      BIGINT NOT NULL,
    place    TEXT   NOT NULL,
    came     BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    body     BYTEA  NOT NULL
);
CREATE INDEX invitations_area ON invitations (area, due);

CREATE TABLE tries (
    subject TEXT   NOT NULL PRIMARY KEY,
    began   BIGINT NOT NULL,
    count   BIGINT NOT NULL
);

-- +goose Down

DROP TABLE tries;
DROP TABLE invitations;
DROP TABLE doses;
DROP TABLE registrations;
DROP TABLE work;
DROP TABLE results;
DROP TABLE pool_steps;
DROP TABLE specimens;
DROP TABLE orders;
