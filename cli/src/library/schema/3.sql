-- Version 3: all numbers of a take beside each other, so that a question about any of them reads no other take's row. No new column: nothing is analysed again.

CREATE INDEX analyses_numbers ON analyses (setting, valence, arousal, confidence, loudness, pitch, rate, seconds, emotion);
