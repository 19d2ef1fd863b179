CREATE TABLE IF NOT EXISTS residents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT
);
CREATE TABLE IF NOT EXISTS units (
    id TEXT PRIMARY KEY,
    building TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS residencies (
    resident TEXT NOT NULL REFERENCES residents (id),
    unit TEXT NOT NULL REFERENCES units (id),
    status TEXT NOT NULL,
    PRIMARY KEY (resident, unit)
);
CREATE TABLE IF NOT EXISTS connections (
    id TEXT PRIMARY KEY,
    building TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    vendor TEXT NOT NULL,
    base_url TEXT,
    account TEXT NOT NULL,
    login TEXT,
    -- The building's sites at Openpath, by their ids, with commas between. Needed as soon as the organisation has another
    -- building: a connection of its own alone shows each building the doors of all.
    sites TEXT,
    secret TEXT NOT NULL,
    -- Raised when the secret itself changes, and only then: wrong passwords are tried four times under each.
    secret_revision INTEGER NOT NULL DEFAULT 1,
    webhook_secret TEXT,
    -- Raised whenever anything in the row, or a secret that it names, changes.
    revision INTEGER NOT NULL DEFAULT 1
);
