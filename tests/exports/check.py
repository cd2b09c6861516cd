"""Every file that `undersong map` writes for another program, opened by a reader from a registry: check.py UNDERSONG TAKE

The recording is made of the take: two speakers in two channels of a 24-bit WAV file that already has a marker. What each reader finds is held
against the map's JSON.
"""

import csv
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import parselmouth
import pysrt
import rpp
import soundfile
import srt
import tgt
import webvtt
import wavinfo
from praatio import textgrid

NAMES = ["Ann", 'Ben "B" O\'Hara']
failures = 0


def check(promise, holds, seen=None):
    global failures
    failures += not holds
    print(f"{'ok    ' if holds else 'FAILED'} {promise}{'' if holds else f': {seen}'}")


def near(a, b, tolerance=0.002):
    return len(a) == len(b) and all(abs(x - y) <= tolerance for x, y in zip(a, b))


def recording(take, path):
    """Two minutes: Ann, whose voice changes in the middle, and Ben in between; one marker of its own."""
    sound, rate = soundfile.read(take)
    part = lambda start, end: sound[int(start * rate):int(end * rate)]
    whole = np.random.default_rng(1).normal(0, 5e-4, (120 * rate, 2))
    for turn in range(15):
        ann = part(0.2, 2.9) if turn < 8 else part(8.8, 11.0)
        at = 8 * turn * rate
        whole[at:at + len(ann), 0] += ann
        ben = part(3.0, 5.4)
        whole[at + 4 * rate:at + 4 * rate + len(ben), 1] += ben
    soundfile.write(path, whole, rate, subtype="PCM_24")
    data = path.read_bytes()
    cue = b"cue " + struct.pack("<II", 28, 1) + struct.pack("<II4sIII", 3, rate, b"data", 0, 0, rate)
    label = b"labl" + struct.pack("<II", 8, 3) + b"old\0"
    adtl = b"LIST" + struct.pack("<I", 4 + len(label)) + b"adtl" + label
    data = data[:4] + struct.pack("<I", len(data) - 8 + len(cue) + len(adtl)) + data[8:] + cue + adtl
    path.write_bytes(data)
    return rate


def main(undersong, take):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rate = recording(take, folder / "talk.wav")
        options = {
            "--json": "m.json", "--csv": "m.csv", "--labels": "labels/", "--markers": "m.markers.csv", "--reaper": "m.rpp", "--cues": "marked.wav",
            "--srt": "m.srt", "--vtt": "m.vtt", "--textgrid": "m.TextGrid", "--chapters": "m.chapters.json",
        }
        command = [str(Path(undersong).resolve()), "map", "talk.wav", "--channels", "split", "--names", ",".join(NAMES), "--min-section", "20", "--quiet"]
        subprocess.run(command + [it for pair in options.items() for it in pair], cwd=folder, check=True)
        the_map = json.loads((folder / "m.json").read_text("utf-8"))
        sections, highlights, turns = the_map["sections"], the_map["highlights"], the_map["turns"]
        check("the recording has sections, highlights and turns", len(sections) >= 2 and highlights and len(turns) >= 20, (len(sections), len(highlights), len(turns)))
        regions = [(it["start_seconds"], it["end_seconds"], it["title"]) for it in sections]
        regions += [(it["cut_start_seconds"], it["cut_end_seconds"], f"{it['kind']}: {it['text']}") for it in highlights]
        regions.sort(key=lambda it: it[0])
        said = [(it["start_seconds"], it["end_seconds"], it["speaker"], it["emotion"]) for it in turns]

        captions = list(srt.parse((folder / "m.srt").read_text("utf-8")))
        check("srt reads the captions", near([it.start.total_seconds() for it in captions], [it[0] for it in said]))
        check("who speaks stands in them", all(it.content.startswith(f"{who}: ") and (emotion or "–") in it.content for it, (_, _, who, emotion) in zip(captions, said)))
        lines = pysrt.open(str(folder / "m.srt"), encoding="utf-8")
        check("pysrt reads them", near([it.end.ordinal / 1000 for it in lines], [it[1] for it in said]))

        captions = webvtt.read(str(folder / "m.vtt")).captions
        check("webvtt-py reads the captions", near([it.start_in_seconds for it in captions], [int(it[0] + 0.0005) for it in said], 1) and [it.voice for it in captions] == [it[2] for it in said],
              [(it.start_in_seconds, it.voice) for it in captions][:3])

        grid = textgrid.openTextgrid(str(folder / "m.TextGrid"), includeEmptyIntervals=False)
        wanted = NAMES + ["sections", "highlights"]
        check("praatio reads the tiers", list(grid.tierNames) == wanted, grid.tierNames)
        own = [it for it in said if it[2] == NAMES[0]]
        check("with a speaker's turns", near([it.start for it in grid.getTier(NAMES[0]).entries], [it[0] for it in own]))
        other = tgt.io.read_textgrid(str(folder / "m.TextGrid"), encoding="utf-8")
        check("tgt reads them", [it.name for it in other.tiers] == wanted and near([it.start_time for it in other.get_tier_by_name("sections").intervals], [it["start_seconds"] for it in sections]))
        praat = parselmouth.Data.read(str(folder / "m.TextGrid"))
        check("Praat itself reads them", parselmouth.praat.call(praat, "Get number of tiers") == len(wanted)
              and parselmouth.praat.call(praat, "Get number of points", len(wanted)) == len(highlights)
              and abs(praat.xmax - the_map["seconds"]) < 1e-6)

        project = rpp.loads((folder / "m.rpp").read_text("utf-8"))
        tracks = project.findall("TRACK")
        check("rpp reads the REAPER project", project.tag == "REAPER_PROJECT" and [track.find("NAME")[1] for track in tracks] == NAMES, tracks)
        items = [track.find("ITEM") for track in tracks]
        check("each track has its channel of the file", [item.find("CHANMODE")[1] for item in items] == ["3", "4"]
              and all(item.find("SOURCE").find("FILE")[1] == "talk.wav" and item.find("SOURCE").attrib[0] == "WAVE" for item in items))
        marks = [it for it in project if isinstance(it, list) and it[0] == "MARKER"]
        starts, ends = marks[::2], marks[1::2]
        check("sections and highlights are its regions", near([float(it[2]) for it in starts], [it[0] for it in regions]) and near([float(it[2]) for it in ends], [it[1] for it in regions])
              and [it[3] for it in starts] == [it[2] for it in regions] and all(it[4] == "1" for it in marks)
              and [it[1] for it in starts] == [it[1] for it in ends], (starts[:2], ends[:2]))

        rows = list(csv.DictReader((folder / "m.markers.csv").open(encoding="utf-8", newline="")))
        check("REAPER's region list has them too", near([float(it["Start"]) for it in rows], [it[0] for it in regions]) and [it["Name"] for it in rows] == [it[2] for it in regions])

        labels = {path.name: [line.split("\t") for line in path.read_text("utf-8").splitlines()] for path in (folder / "labels").iterdir()}
        check("Audacity's label tracks: one for each speaker, the sections, the highlights", len(labels) == 4 and near([float(it[0]) for it in labels["sections.labels.txt"]], [it["start_seconds"] for it in sections])
              and all(len(line) == 3 and float(line[0]) <= float(line[1]) for track in labels.values() for line in track), sorted(labels))

        chapters = json.loads((folder / "m.chapters.json").read_text("utf-8"))
        known = {"startTime", "endTime", "title", "img", "url", "toc", "location"}
        check("chapters have the fields of version 1.2", chapters["version"] == "1.2.0" and chapters["fileName"] == "talk.wav"
              and set(chapters) <= {"version", "chapters", "author", "title", "podcastName", "description", "fileName", "waypoints"}
              and all({"startTime", "title"} <= set(it) <= known and isinstance(it["startTime"], (int, float)) and it["title"] for it in chapters["chapters"]), chapters)
        check("and are the sections", near([it["startTime"] for it in chapters["chapters"]], [it["start_seconds"] for it in sections]))

        rows = list(csv.DictReader((folder / "m.csv").open(encoding="utf-8", newline="")))
        parts = {part: [it for it in rows if it["part"] == part] for part in ("section", "highlight", "turn", "minute")}
        check("the CSV has a row per part", [len(it) for it in parts.values()] == [len(sections), len(highlights), len(turns), 3 * len(the_map["minutes"])] and len(rows) == sum(map(len, parts.values())))

        before, after = folder / "talk.wav", folder / "marked.wav"
        same = np.array_equal(soundfile.read(before, dtype="int32")[0], soundfile.read(after, dtype="int32")[0])
        check("soundfile finds the same samples in the marked copy", same and soundfile.info(after).subtype == "PCM_24")
        cues = list(wavinfo.WavInfoReader(str(after)).cues.each_cue())
        check("wavinfo finds the marker that was there, and every new one", [it[0] for it in cues[:1]] == [3] and near([it[1] / rate for it in cues], [1.0] + [it[0] for it in regions]), cues[:3])
        read = wavinfo.WavInfoReader(str(after)).cues
        texts = [read.label_and_note(it[0])[0] for it in cues]
        check("with its label", texts[0] == "old" and all(text.isascii() for text in texts[1:]) and texts[1:] == [it[2].replace("–", "-") for it in regions], texts[:3])
        lengths = [read.range(it[0]) for it in cues[1:]]
        check("and its length", near([(it or 0) / rate for it in lengths], [end - start for start, end, _ in regions]), lengths[:3])
        ffmpeg = subprocess.run(["ffmpeg", "-v", "error", "-i", str(after), "-f", "null", "-"], capture_output=True, text=True)
        check("ffmpeg decodes it without a word", ffmpeg.returncode == 0 and not ffmpeg.stderr, ffmpeg.stderr)
    print(f"{failures} failed" if failures else "all kept")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
