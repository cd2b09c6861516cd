-- Version 2: how takes are delivered. Analyses of version 1 have none, and an update makes them again.

ALTER TABLE analyses ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;   -- whether it was measured
-- Of the take, and least and most over its windows; NULL where there is too little voice.
ALTER TABLE analyses ADD COLUMN loudness REAL;                          -- integrated, in LUFS
ALTER TABLE analyses ADD COLUMN loudness_least REAL;
ALTER TABLE analyses ADD COLUMN loudness_most REAL;
ALTER TABLE analyses ADD COLUMN pitch REAL;                             -- median, in Hz
ALTER TABLE analyses ADD COLUMN pitch_least REAL;
ALTER TABLE analyses ADD COLUMN pitch_most REAL;
ALTER TABLE analyses ADD COLUMN rate REAL;                              -- syllables per second
ALTER TABLE analyses ADD COLUMN rate_least REAL;
ALTER TABLE analyses ADD COLUMN rate_most REAL;
