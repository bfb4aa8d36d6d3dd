-- Everything below is common to SQLite and PostgreSQL: times are milliseconds
-- since 1970 in BIGINT, names are text, and nothing is numbered by the database.

-- +goose Up

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE kiosks (
    id         TEXT    NOT NULL PRIMARY KEY,
    site       TEXT    NOT NULL,
    area       TEXT    NOT NULL,
    grp        TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    made       BIGINT  NOT NULL,
    revoked    BIGINT  NOT NULL,
    reason     TEXT    NOT NULL,
    seen       BIGINT  NOT NULL,
    clock      BIGINT  NOT NULL,
    health     TEXT    NOT NULL,
    health_at  BIGINT  NOT NULL
);

CREATE TABLE certificates (
    serial     TEXT   NOT NULL PRIMARY KEY,
    kiosk      TEXT   NOT NULL,
    public     BYTEA  NOT NULL,
    der        BYTEA  NOT NULL,
    not_before BIGINT NOT NULL,
    not_after  BIGINT NOT NULL,
    revoked    BIGINT NOT NULL
);
CREATE INDEX certificates_kiosk ON certificates (kiosk);

CREATE TABLE tokens (
    hash    BYTEA  NOT NULL PRIMARY KEY,
    kiosk   TEXT   NOT NULL,
    site    TEXT   NOT NULL,
    area    TEXT   NOT NULL,
    grp     TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    made    BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT NOT NULL,
    serial  TEXT   NOT NULL
);

CREATE TABLE journals (
    id       BYTEA  NOT NULL PRIMARY KEY,
    kiosk    TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    hash     BYTEA  NOT NULL,
    at       BIGINT NOT NULL,
    segment  BYTEA,
    lost     BIGINT NOT NULL,
    forked   BIGINT NOT NULL
);
CREATE INDEX journals_kiosk ON journals (kiosk);

CREATE TABLE entries (
    journal  BYTEA    NOT NULL,
    number   BIGINT   NOT NULL,
    kind     SMALLINT NOT NULL,
    level    SMALLINT NOT NULL,
    state    SMALLINT NOT NULL,
    at       BIGINT   NOT NULL,
    digest   BYTEA    NOT NULL,
    hash     BYTEA    NOT NULL,
    day      INTEGER  NOT NULL,
    body     BYTEA,
    PRIMARY KEY (journal, number)
);

CREATE TABLE arrivals (
    journal  BYTEA   NOT NULL,
    first    BIGINT  NOT NULL,
    last     BIGINT  NOT NULL,
    kiosk    TEXT    NOT NULL,
    area     TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    carrier  TEXT    NOT NULL,
    oldest   BIGINT  NOT NULL,
    newest   BIGINT  NOT NULL,
    expired  BIGINT  NOT NULL,
    PRIMARY KEY (journal, first)
);
CREATE INDEX arrivals_expiry ON arrivals (expired, oldest);
CREATE INDEX arrivals_at ON arrivals (at);
CREATE INDEX arrivals_kiosk ON arrivals (kiosk, at);

CREATE TABLE tallies (
    day    INTEGER  NOT NULL,
    kiosk  TEXT     NOT NULL,
    area   TEXT     NOT NULL,
    kind   SMALLINT NOT NULL,
    label  TEXT     NOT NULL,
    count  BIGINT   NOT NULL,
    PRIMARY KEY (day, kiosk, area, kind, label)
);

CREATE TABLE lookups (
    journal BYTEA  NOT NULL,
    number  BIGINT NOT NULL,
    hash    BYTEA  NOT NULL,
    PRIMARY KEY (journal, number, hash)
);
CREATE INDEX lookups_hash ON lookups (hash);

CREATE TABLE data_keys (
    day     INTEGER NOT NULL PRIMARY KEY,
    wrapped BYTEA   NOT NULL
);

CREATE TABLE erasures (
    journal BYTEA  NOT NULL,
    kiosk   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    request TEXT   NOT NULL,
    entries BYTEA  NOT NULL,
    PRIMARY KEY (journal, at, request)
);
CREATE INDEX erasures_kiosk ON erasures (kiosk);

CREATE TABLE incidents (
    kiosk TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    area  TEXT   NOT NULL,
    text  TEXT   NOT NULL,
    first BIGINT NOT NULL,
    last  BIGINT NOT NULL,
    count BIGINT NOT NULL,
    done  TEXT   NOT NULL,
    PRIMARY KEY (kiosk, kind)
);

CREATE TABLE accounts (
    name     TEXT   NOT NULL PRIMARY KEY,
    title    TEXT   NOT NULL,
    role     TEXT   NOT NULL,
    area     TEXT   NOT NULL,
    password TEXT   NOT NULL,
    language TEXT   NOT NULL,
    made     BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked   BIGINT NOT NULL
);

CREATE TABLE sessions (
    hash    BYTEA  NOT NULL PRIMARY KEY,
    account TEXT   NOT NULL,
    made    BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE audit (
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    account TEXT   NOT NULL,
    area    TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    target  TEXT   NOT NULL,
    remote  TEXT   NOT NULL
);

CREATE TABLE files (
    name TEXT    NOT NULL PRIMARY KEY,
    etag TEXT    NOT NULL,
    size BIGINT  NOT NULL,
    at   BIGINT  NOT NULL
);

CREATE TABLE chunks (
    etag TEXT    NOT NULL,
    seq  INTEGER NOT NULL,
    body BYTEA   NOT NULL,
    PRIMARY KEY (etag, seq)
);

-- +goose Down

DROP TABLE chunks;
DROP TABLE files;
DROP TABLE audit;
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE incidents;
DROP TABLE erasures;
DROP TABLE data_keys;
DROP TABLE lookups;
DROP TABLE tallies;
DROP TABLE arrivals;
DROP TABLE entries;
DROP TABLE journals;
DROP TABLE tokens;
DROP TABLE certificates;
DROP TABLE kiosks;
DROP TABLE settings;
