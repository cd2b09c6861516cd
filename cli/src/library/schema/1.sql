-- Version 1. A step that has landed is never edited: what changes is another step.

-- Folders whose takes are looked for again by every update. A path is TEXT, or BLOB where it isn't UTF-8.
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path ANY NOT NULL UNIQUE
) STRICT;

-- A take: a sound, whatever its files are called, wherever they lie and however they are tagged. Marks and notes are the sound's.
CREATE TABLE sounds (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,          -- SHA-256 of the decoded sound
    mark TEXT CHECK (mark IN ('chosen', 'rejected')),
    stars INTEGER NOT NULL DEFAULT 0 CHECK (stars BETWEEN 0 AND 5),
    note TEXT NOT NULL DEFAULT '',
    marked_ms INTEGER                   -- when it was last marked, starred or noted, since 1970
) STRICT;
-- Few takes are marked, so this stays small and `find --marked` reads nothing else.
CREATE INDEX sounds_marked ON sounds (id) WHERE mark IS NOT NULL OR stars > 0 OR note <> '';

-- A file, as it was when it was last read.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path ANY NOT NULL,
    sound INTEGER REFERENCES sounds (id),   -- NULL: it could not be decoded
    error TEXT,                             -- why there is no analysis of it
    content BLOB,                           -- SHA-256 of its bytes
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL,            -- of the inode, where there is such a time, else 0
    inode INTEGER NOT NULL,
    settled INTEGER NOT NULL,               -- 0: its times are too near to the reading to tell a later change
    missing_ms INTEGER,                     -- NULL: it is there; else since when it is known to be gone
    CHECK (sound IS NOT NULL OR error IS NOT NULL)
) STRICT;
-- One file of a name is there; earlier ones of that name may be remembered as missing.
CREATE UNIQUE INDEX files_present ON files (path) WHERE missing_ms IS NULL;
-- All files of a name, and `find` in the order of paths.
CREATE INDEX files_path ON files (path);
-- A moved or copied file.
CREATE INDEX files_content ON files (content);
-- From a take to its files.
CREATE INDEX files_sound ON files (sound);

-- A model and how it was asked. The engine isn't part of it: engines differ in a score's last digits only.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- SHA-256 of all that decides the scores
    model_id TEXT NOT NULL,
    model_name TEXT NOT NULL,
    hop_seconds REAL NOT NULL,
    priors TEXT,                        -- JSON: shares of the emotions
    profile TEXT,                       -- whose voice is the measure, in words
    emotions TEXT NOT NULL,             -- JSON: names and coordinates, in the order of the scores
    unsure_below REAL NOT NULL,
    used_ms INTEGER NOT NULL            -- the last used is what `find` searches
) STRICT;

CREATE TABLE emotions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- What a model heard in a take: what is asked for in queries. The rest stands in `timelines`, so that these rows stay short.
CREATE TABLE analyses (
    id INTEGER PRIMARY KEY,
    sound INTEGER NOT NULL REFERENCES sounds (id) ON DELETE CASCADE,
    setting INTEGER NOT NULL REFERENCES settings (id) ON DELETE CASCADE,
    seconds REAL NOT NULL,
    voiced_seconds REAL NOT NULL,
    emotion INTEGER REFERENCES emotions (id),   -- these are NULL without voice
    confidence REAL,
    valence REAL,
    arousal REAL,
    unsure INTEGER NOT NULL,
    confidence_least REAL,                      -- over the windows
    confidence_most REAL,
    valence_least REAL,
    valence_most REAL,
    arousal_least REAL,
    arousal_most REAL,
    engine TEXT NOT NULL,
    revision INTEGER NOT NULL,                  -- of what a scan measures
    analysed_ms INTEGER NOT NULL,
    UNIQUE (sound, setting)
) STRICT;
-- `find --emotion`, the most confident first.
CREATE INDEX analyses_emotion ON analyses (setting, emotion, confidence);
-- `find --sort confidence --limit`, without reading every take.
CREATE INDEX analyses_confidence ON analyses (setting, confidence);

-- How much of each emotion: for questions about one that needn't lead, and to leave out takes that hold no moment of it.
CREATE TABLE scores (
    analysis INTEGER NOT NULL REFERENCES analyses (id) ON DELETE CASCADE,
    emotion INTEGER NOT NULL REFERENCES emotions (id),
    mean REAL NOT NULL,                 -- over the take
    peak REAL NOT NULL,                 -- of the windows
    share REAL NOT NULL,                -- of the voiced time that it leads
    PRIMARY KEY (analysis, emotion)
) STRICT, WITHOUT ROWID;
-- One emotion's numbers beside each other, so that a query reads no other table for takes that don't match.
CREATE INDEX scores_emotion ON scores (emotion, peak, mean, analysis);

-- The windows, packed (see packed.rs).
CREATE TABLE timelines (
    analysis INTEGER PRIMARY KEY REFERENCES analyses (id) ON DELETE CASCADE,
    packed BLOB NOT NULL
) STRICT;
