#!/usr/bin/env python3
"""Records Undersong's automation in Ardour 7 and holds the lanes against `undersong scan`. See README.md beside it."""

import argparse
import base64
import csv
import io
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
ARDOUR = Path("/usr/lib/ardour7")
RATE = 48_000
# Units of Ardour 7's two clocks: of its audio time per second, and of its beat time per quarter note.
SUPERCLOCK = 282_240_000
TICKS = 1_920
OSC_PORT = 3819
# Beginnings of the scan's windows that are tried, a hop divided by this apart.
PHASES = 5
# A lane's name in Ardour, and the column of `undersong scan --csv` that it must follow.
LANES = {name: f"score_{name.lower()}" for name in
         ["Neutral", "Calm", "Happy", "Sad", "Angry", "Fearful", "Disgust", "Surprised"]}
LANES |= {name: name.lower() for name in ["Valence", "Arousal", "Confidence"]}


def arguments():
    it = argparse.ArgumentParser(description=__doc__)
    it.add_argument("--plugin", type=Path, default=REPOSITORY / "target/bundled/Undersong.vst3")
    it.add_argument("--undersong", type=Path, default=REPOSITORY / "target/release/undersong")
    it.add_argument("--take", type=Path, help="sound to play; without it RAVDESS, or the take in cli/samples")
    it.add_argument("--mode", choices=["Touch", "Latch", "Write"], default="Touch")
    it.add_argument("--hop", type=float, default=0.05, help="seconds, both in the plugin and in the scan")
    it.add_argument("--thinning", type=float, help="Ardour's automation thinning factor, if not its own default")
    it.add_argument("--display", default=":97")
    it.add_argument("--keep", type=Path, help="leave session, logs and screenshot in this folder; if a run is in it, only compare again")
    it.add_argument("--result", type=Path, help="write the table there too")
    return it.parse_args()


def make_take(chosen, wav):
    """One mono WAV at the session's rate; returns what it is made of, in words."""
    if chosen:
        sources, words = [chosen], chosen.name
    else:
        actor = REPOSITORY.parent / "shared/data/ravdess/Actor_01"
        sources = sorted(actor.glob("03-01-0?-01-01-01-01.flac"))
        words = f"{len(sources)} clips of RAVDESS, actor 01 (one of each emotion), one after another"
        if not sources:
            print("skipped: RAVDESS in ../shared/data; the take in cli/samples serves instead")
            sources, words = [REPOSITORY / "cli/samples/take.flac"], "cli/samples/take.flac"
    subprocess.run(["sox", "-R", *sources, "-r", str(RATE), "-c", "1", "-b", "16", wav], check=True)
    return words


def ardour_environment(home):
    """A home of its own: no settings, and no memory of an earlier build of the plugin."""
    return {**os.environ, "HOME": str(home), "LANG": "C.UTF-8", "ARDOUR_DATA_PATH": "/usr/share/ardour7",
            "ARDOUR_CONFIG_PATH": "/etc/ardour7", "ARDOUR_DLL_PATH": str(ARDOUR), "LD_LIBRARY_PATH": str(ARDOUR),
            "ARDOUR_TRY_AUTOSTART_ENGINE": "1", "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache")}


def settings(home, thinning):
    """Ardour's settings: the silent engine that keeps real time, and no questions at the first start."""
    folder = home / ".config/ardour7"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".a7").touch()
    root = ET.Element("Ardour")
    (folder / "instant.xml").write_text("<instant><no-memory-warning/></instant>")
    options = ET.SubElement(root, "Config")
    ET.SubElement(options, "Option", name="try-autostart-engine", value="1")
    ET.SubElement(options, "Option", name="hide-dummy-backend", value="0")
    if thinning is not None:
        ET.SubElement(options, "Option", name="automation-thinning-factor", value=str(thinning))
    states = ET.SubElement(ET.SubElement(ET.SubElement(root, "Extra"), "AudioMIDISetup"), "EngineStates")
    ET.SubElement(states, "State", {
        "backend": "None (Dummy)", "driver": "Normal Speed", "device": "Silence", "input-device": "Silence",
        "output-device": "Silence", "sample-rate": str(RATE), "buffer-size": "1024", "n-periods": "0",
        "input-latency": "0", "output-latency": "0", "input-channels": "0", "output-channels": "0", "active": "1",
        "use-buffered-io": "0", "midi-option": "No MIDI I/O"})
    ET.ElementTree(root).write(folder / "config", encoding="utf-8", xml_declaration=True)


def switch_on(chunk, hop_seconds):
    """The plugin's saved state with its hop set and "Write automation" on. The container around it counts bytes, so each
    replacement is as long as what it replaces; JSON does not mind the spaces."""
    state = base64.b64decode(chunk)
    for key, value in [(b'"hop":', b"%g" % (hop_seconds * 1000)), (b'"write":', b"true")]:
        found = re.search(re.escape(key) + rb"[^,}]+", state)
        new = (key + value).ljust(len(found[0]))
        if len(new) != len(found[0]):
            sys.exit(f"{value} does not fit in the plugin's state")
        state = state.replace(found[0], new)
    return base64.b64encode(state).decode()


def arm(session, wav, seconds, mode, hop_seconds):
    """Puts the take on the track and arms the lanes, in Ardour's own session file."""
    tree = ET.parse(session)
    root = tree.getroot()
    ids = iter(range(int(root.get("id-counter")), 1 << 30))
    # Named after the session's folder; Ardour refuses a session that has a second one.
    sounds = session.parent / "interchange" / session.parent.name / "audiofiles"
    sounds.mkdir(parents=True, exist_ok=True)
    shutil.copy(wav, sounds / "take.wav")
    source, whole, region = (str(next(ids)) for _ in range(3))
    ET.SubElement(root.find("Sources"), "Source", {
        "name": "take.wav", "type": "audio", "flags": "", "id": source, "channel": "0", "origin": "", "gain": "1"})
    shape = {
        "name": "take", "type": "audio", "muted": "0", "opaque": "1", "locked": "0", "automatic": "0", "import": "0",
        "external": "1", "hidden": "0", "start": "a0", "length": f"a{round(seconds * SUPERCLOCK)}@a0", "position": "a0",
        "sync-position": "a0", "ancestral-start": "a0", "ancestral-length": "a0@a0", "stretch": "1", "shift": "1",
        "layering-index": "0", "first-edit": "nothing", "channels": "1", "source-0": source, "master-source-0": source}
    ET.SubElement(root.find("Regions"), "Region", {**shape, "id": whole, "whole-file": "1"})
    playlist = root.find("Playlists/Playlist[@name='Voice']")
    ET.SubElement(playlist, "Region", {**shape, "id": region, "whole-file": "0"})

    route = root.find("Routes/Route[@name='Voice']")
    plugin = route.find("Processor[@type='vst3']")
    chunk = plugin.find("vst3/chunk")
    chunk.text = switch_on(chunk.text, hop_seconds)
    names = {it.get("parameter"): it.get("name") for it in plugin.iter("Controllable")}
    for number, name in names.items():
        if name == "Hop":
            plugin.find(f"Controllable[@parameter='{number}']").set("value", f"{hop_seconds * 1000:g}")
        if name in LANES:
            plugin.find(f"Automation/AutomationList[@automation-id='parameter-{number}']").set("state", mode)
    for port in plugin.iter("Port"):
        if port.get("value") == "250":
            port.set("value", f"{hop_seconds * 1000:g}")

    # OSC, to press play and save; and the plugin's window, which is open when the session opens.
    for protocol in root.find("ControlProtocols"):
        if "OSC" in protocol.get("name"):
            protocol.set("active", "1")
    extra = root.find("Extra")
    if extra is None:
        extra = ET.SubElement(root, "Extra")
    screen = extra.find("UI")
    if screen is None:
        screen = ET.SubElement(extra, "UI")
    ET.SubElement(screen, "Window", {
        "name": f"P-{route.get('id')}-{plugin.get('id')}", "visible": "1", "x-off": "100", "y-off": "100",
        "x-size": "900", "y-size": "600"})
    root.set("id-counter", str(next(ids)))
    tree.write(session, encoding="utf-8", xml_declaration=True)


def osc(address, *numbers):
    def padded(text):
        return text.encode() + b"\0" * (4 - len(text) % 4)
    message = padded(address) + padded("," + "i" * len(numbers)) + b"".join(struct.pack(">i", it) for it in numbers)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(message, ("127.0.0.1", OSC_PORT))


def windows(environment):
    """The names of the windows that can be seen."""
    ids = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "."], env=environment, capture_output=True, text=True)
    names = []
    for it in ids.stdout.split():
        seen = subprocess.run(["xdotool", "getwindowname", it], env=environment, capture_output=True, text=True)
        names.append(seen.stdout.strip())
    return names


def wait_for(what, holds, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.25)
    sys.exit(f"waited {seconds} s in vain for {what}")


def play(session, seconds, display, home, logs):
    environment = {**ardour_environment(home), "DISPLAY": display}
    running = []
    try:
        with open(logs / "xvfb.log", "wb") as log:
            running.append(subprocess.Popen(["Xvfb", display, "-screen", "0", "1600x1000x24", "-nolisten", "tcp"], stdout=log, stderr=log))
        wait_for("a screen", lambda: subprocess.run(["xdotool", "getmouselocation"], env=environment, capture_output=True).returncode == 0, 20)
        with open(logs / "ardour.log", "wb") as log:
            gui = next(ARDOUR.glob("ardour-7.*"))
            running.append(subprocess.Popen([gui, "--no-announcements", "--no-splash", session], env=environment, stdout=log, stderr=log))
        wait_for("the plugin's window", lambda: any("Undersong" in name for name in windows(environment)), 60)
        time.sleep(5)
        osc("/goto_start")
        time.sleep(1)
        osc("/transport_play")
        time.sleep(seconds / 2)
        if shutil.which("import"):
            subprocess.run(["import", "-window", "root", logs / "playing.png"], env=environment, check=False)
        time.sleep(seconds / 2 + 1)
        osc("/transport_stop")
        time.sleep(2)
        saved = session.stat().st_mtime_ns
        osc("/save_state")
        wait_for("the session to be saved", lambda: session.stat().st_mtime_ns != saved, 30)
        time.sleep(1)
        if running[-1].poll() is not None:
            sys.exit(f"Ardour ended while it played: {running[-1].returncode}")
    finally:
        for it in reversed(running):
            it.terminate()
            try:
                it.wait(10)
            except subprocess.TimeoutExpired:
                it.kill()
                it.wait()


def seconds_of(place, beats_per_minute=120):
    """Ardour's time: `a` and audio time, or `b` and beats."""
    if place.startswith("a"):
        return int(place[1:]) / SUPERCLOCK
    return int(place.removeprefix("b")) / TICKS * 60 / beats_per_minute


def recorded(session):
    plugin = ET.parse(session).getroot().find("Routes/Route[@name='Voice']/Processor[@type='vst3']")
    names = {it.get("parameter"): it.get("name") for it in plugin.iter("Controllable")}
    lanes = {}
    for each in plugin.iter("AutomationList"):
        name = names[each.get("automation-id").removeprefix("parameter-")]
        words = (each.findtext("events") or "").split()
        lanes[name] = [(seconds_of(at), float(value)) for at, value in zip(words[::2], words[1::2])]
    return lanes


def value_at(points, when):
    """As Ardour plays it: a straight line from point to point. None where nothing was recorded."""
    for (left, low), (right, high) in zip(points, points[1:]):
        if left <= when <= right:
            return low if right == left else low + (high - low) * (when - left) / (right - left)
    return None


def correlation(pairs):
    count = len(pairs)
    if count < 3:
        return float("nan")
    ax, ay = (sum(column) / count for column in zip(*pairs))
    xy = sum((x - ax) * (y - ay) for x, y in pairs)
    xx, yy = sum((x - ax) ** 2 for x, _ in pairs), sum((y - ay) ** 2 for _, y in pairs)
    return xy / (xx * yy) ** 0.5 if xx > 0 and yy > 0 else float("nan")


def scan(options, wav, pad_seconds):
    """`(end_seconds, score)` of every window with voice, by lane, the windows of a scan that begins before the take does."""
    padded = wav.with_name("padded.wav")
    subprocess.run(["sox", "-R", wav, padded, "pad", f"{pad_seconds:g}", "0"], check=True)
    table = subprocess.run([options.undersong, "scan", padded, "--quiet", "--hop", f"{options.hop:g}", "--csv", "-"], check=True, capture_output=True, text=True)
    rows = [row for row in csv.DictReader(io.StringIO(table.stdout)) if row["voiced"] == "true"]
    return {name: [(float(row["end_seconds"]) - pad_seconds, float(row[column])) for row in rows] for name, column in LANES.items()}


def averaged(values, count):
    """Means over `count` neighbours, to compare the courses of two curves rather than their jitter."""
    return [sum(values[at:at + count]) / count for at in range(len(values) - count + 1)]


def compared(points, scan, lag, count=1):
    """r of a lane and the scan's column, `(end_seconds, score)` a window, where both have a value."""
    both = [(value_at(points, end + lag), score) for end, score in scan]
    both = [(here, there) for here, there in both if here is not None]
    return correlation(list(zip(*(averaged(column, count) for column in zip(*both))))) if both else float("nan")


def record(options, root, wav, session):
    home = root / "home"
    (home / ".vst3").mkdir(parents=True)
    shutil.copytree(options.plugin, home / ".vst3/Undersong.vst3")
    words = make_take(options.take, wav)
    seconds = (wav.stat().st_size - 44) / 2 / RATE
    environment = ardour_environment(home)
    subprocess.run([ARDOUR / "ardour-vst3-scanner", "--force", "--quiet", home / ".vst3/Undersong.vst3"], env=environment, check=True, timeout=120)
    subprocess.run([ARDOUR / "luasession", HERE / "session.lua", session.parent, "take", str(RATE)], env=environment, check=True, timeout=120)
    settings(home, options.thinning)
    arm(session, wav, seconds, options.mode, options.hop)
    play(session, seconds, options.display, home, root)
    return words, seconds


def main():
    options = arguments()
    for needed in [options.plugin, options.undersong, ARDOUR / "luasession"]:
        if not needed.exists():
            sys.exit(f"{needed} is missing; README.md beside this script says how to get it")
    root = options.keep or Path(tempfile.mkdtemp(prefix="undersong-ardour-"))
    root = root.resolve()
    wav, session = root / "take.wav", root / "session/take.ardour"
    if root.joinpath("words.txt").exists():
        words = root.joinpath("words.txt").read_text()
        seconds = (wav.stat().st_size - 44) / 2 / RATE
    else:
        words, seconds = record(options, root, wav, session)
        root.joinpath("words.txt").write_text(words)

    # A last point far in the future is Ardour's own; so is anything after the take.
    lanes = {name: [it for it in points if it[0] <= seconds] for name, points in recorded(session).items()}
    # The plugin's windows begin where it began to listen, not where the take does; so the scan is made with several beginnings.
    scans = [scan(options, wav, options.hop * phase / PHASES) for phase in range(PHASES)]

    # Ardour stamps an edit with the time at which it arrives, so every lane is late. One lag and one phase for all of them.
    def fit(choice):
        found = [compared(lanes[name], scans[choice[1]][name], choice[0]) for name in LANES]
        return sum(it for it in found if it == it)

    lag, phase = max(((step / 100, phase) for step in range(31) for phase in range(PHASES)), key=fit)
    lines = [f"Take: {words}; {seconds:.1f} s. Lanes in {options.mode}, hop {options.hop * 1000:g} ms, thinning factor "
             f"{'as Ardour sets it' if options.thinning is None else f'{options.thinning:g}'}. Windows compared: "
             f"{len(scans[phase]['Neutral'])}. Lag of the lanes, taken out: {lag * 1000:.0f} ms.", "",
             "| lane | points | points a second | r | r of means over 0.25 s | scan against itself, a hop later |",
             "|---|---|---|---|---|---|"]
    good, mean_of = True, max(1, round(0.25 / options.hop))
    for name in LANES:
        points, theirs = lanes[name], scans[phase][name]
        rate = (len(points) - 1) / (points[-1][0] - points[0][0]) if len(points) > 1 else 0.0
        r, r_means = compared(points, theirs, lag), compared(points, theirs, lag, mean_of)
        scores = [score for _, score in theirs]
        itself = correlation(list(zip(scores, scores[1:])))
        good &= rate > 10 and r > 0.95
        lines.append(f"| {name} | {len(points)} | {rate:.1f} | {r:.3f} | {r_means:.3f} | {itself:.3f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    print("ok: every lane has more than 10 points a second and r > 0.95" if good
          else "FAILED: a lane has at most 10 points a second, or r of at most 0.95")
    if options.result:
        options.result.write_text(text)
    if not options.keep:
        shutil.rmtree(root)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
