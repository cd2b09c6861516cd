"""Makes a library of many takes from one of few, for the benchmark of the desk: python3 many_takes.py LIBRARY.db FOLDER COUNT

Each take of the library becomes many: another hash and name, the same analysis, and a hard link to the same sound in FOLDER. The numbers that the page
sorts and filters by are scattered a little, so that no two rows are alike.
"""

import os
import random
import sqlite3
import sys

library, folder, count = sys.argv[1], os.path.realpath(sys.argv[2]), int(sys.argv[3])
random.seed(7)
os.makedirs(folder, exist_ok=True)
db = sqlite3.connect(library)


def columns(table, without):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in without]


analysis_columns = columns("analyses", {"id", "sound"})
file_columns = columns("files", {"id", "sound", "path", "content"})
sources = db.execute("SELECT f.id, f.path, a.id FROM files f JOIN analyses a ON a.sound = f.sound WHERE f.missing_ms IS NULL").fetchall()
for number in range(count):
    file, path, analysis = sources[number % len(sources)]
    name = os.path.join(folder, f"scene {number // 100 + 1:02d}", f"line {number // 5 % 20 + 1:02d} take {number % 5 + 1}{os.path.splitext(path)[1]}")
    os.makedirs(os.path.dirname(name), exist_ok=True)
    if not os.path.exists(name):
        os.link(path, name)
    marks = random.choices([(None, 0, ""), ("chosen", random.randint(3, 5), ""), ("rejected", 0, ""), (None, 2, "breath before the line")], [80, 8, 8, 4])[0]
    sound = db.execute("INSERT INTO sounds (hash, mark, stars, note) VALUES (?, ?, ?, ?)", (random.randbytes(32), *marks)).lastrowid
    copied = ", ".join(analysis_columns)
    new = db.execute(f"INSERT INTO analyses (sound, {copied}) SELECT ?, {copied} FROM analyses WHERE id = ?", (sound, analysis)).lastrowid
    db.execute("UPDATE analyses SET confidence = min(0.99, max(0.2, confidence + ?)), arousal = arousal + ?, loudness = loudness + ? WHERE id = ?", (random.gauss(0, 0.05), random.gauss(0, 0.1), random.gauss(0, 2), new))
    db.execute("INSERT INTO scores (analysis, emotion, mean, peak, share) SELECT ?, emotion, mean, peak, share FROM scores WHERE analysis = ?", (new, analysis))
    db.execute("INSERT INTO timelines (analysis, packed) SELECT ?, packed FROM timelines WHERE analysis = ?", (new, analysis))
    copied = ", ".join(file_columns)
    db.execute(f"INSERT INTO files (sound, path, content, {copied}) SELECT ?, ?, ?, {copied} FROM files WHERE id = ?", (sound, name, random.randbytes(32), file))
db.execute("UPDATE files SET missing_ms = 1 WHERE id IN (%s)" % ",".join(str(file) for file, _, _ in sources))
db.execute("DELETE FROM files WHERE id IN (%s)" % ",".join(str(file) for file, _, _ in sources))
db.commit()
