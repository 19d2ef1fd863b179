-- {t} stands for what tables are called by, {number} for a column that numbers its rows by itself.
-- Moments are microseconds since 1970.

CREATE TABLE {t}favorites (
    resident TEXT NOT NULL,
    door TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (resident, door)
);

CREATE TABLE {t}links (
    connection TEXT NOT NULL,
    resident TEXT NOT NULL,
    email_digest TEXT NOT NULL,
    subject TEXT NOT NULL,
    vendor_key TEXT,
    verified BIGINT NOT NULL,
    PRIMARY KEY (connection, resident)
);
CREATE INDEX access_links_by_subject ON {t}links (connection, subject);
CREATE INDEX access_links_by_resident ON {t}links (resident);

-- A tap whose resident was forgotten has none: it is foreign to everybody.
CREATE TABLE {t}taps (
    number {number},
    id TEXT UNIQUE,
    resident TEXT,
    door TEXT,
    building TEXT,
    door_name TEXT,
    tapped_at BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    answer_by BIGINT,
    outcome TEXT,
    later TEXT
);
CREATE INDEX access_taps_by_resident ON {t}taps (resident, tapped_at, number);
CREATE INDEX access_taps_by_door ON {t}taps (door, tapped_at, number);
CREATE INDEX access_taps_by_building ON {t}taps (building, tapped_at, number);
CREATE INDEX access_taps_by_time ON {t}taps (tapped_at, number);

CREATE TABLE {t}leases (
    name TEXT PRIMARY KEY,
    token BIGINT NOT NULL,
    until BIGINT NOT NULL,
    lasts BIGINT NOT NULL
);

CREATE TABLE {t}accounts (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    state TEXT NOT NULL
);
