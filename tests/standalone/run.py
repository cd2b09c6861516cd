#!/usr/bin/env python3
"""Runs Undersong's standalone program with a JACK server, plays a voice to it, and looks at what leaves it. See README.md beside it."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
RATE = 48_000
PERIOD = 2_048
SERVER = "undersong-test"
# Of the controllers: neutral … surprised, arousal, valence, confidence, speech, leading.
CONTROLLERS = {**{20 + i: name for i, name in enumerate(
    ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"])},
    28: "arousal", 29: "valence", 31: "confidence", 102: "speech", 103: "leading"}
# Where the window's controls lie, in its own points: it opens at 900 × 600, at scale 1.
MIDI_CHIP = (780, 571)
CONTROLLERS_SWITCH = (670, 95)


def arguments():
    it = argparse.ArgumentParser(description=__doc__)
    it.add_argument("--program", type=Path, default=REPOSITORY / "target/release/undersong-standalone")
    it.add_argument("--take", type=Path, default=REPOSITORY / "cli/samples/take.flac")
    it.add_argument("--display", default=":96")
    it.add_argument("--keep", type=Path, help="leave sound, MIDI, log and screenshots in this folder")
    it.add_argument("--result", type=Path, help="write the table there too")
    return it.parse_args()


class Session:
    """What runs, and what ends with it."""

    def __init__(self, folder, display):
        self.folder, self.running = folder, []
        self.environment = {**os.environ, "DISPLAY": display, "JACK_DEFAULT_SERVER": SERVER, "JACK_NO_AUDIO_RESERVATION": "1",
                            "LANG": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1"}

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "w")
        process = subprocess.Popen([str(part) for part in command], env=self.environment, stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL)
        self.running.append(process)
        return process

    def call(self, *command, check=True):
        done = subprocess.run([str(part) for part in command], env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            sys.exit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
        return done.stdout

    def until(self, what, holds, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = holds()
            if found:
                return found
            time.sleep(0.2)
        sys.exit(f"never: {what}; see the logs in {self.folder}")

    def ports(self, pattern):
        listed = self.call("jack_lsp", check=False).splitlines()
        return [port for port in listed if re.search(pattern, port)]

    def screenshot(self, name):
        self.call("import", "-window", "root", self.folder / f"{name}.png")

    def click(self, window, place):
        self.call("xdotool", "mousemove", "--window", window, *place)
        time.sleep(0.4)
        self.call("xdotool", "mousedown", 1)
        time.sleep(0.1)
        self.call("xdotool", "mouseup", 1)
        time.sleep(0.6)

    def end(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()


def channels(path):
    """The channels of a 16-bit WAV file."""
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2 or file.getframerate() != RATE:
            sys.exit(f"{path}: {8 * file.getsampwidth()} bit at {file.getframerate()} Hz; wanted 16 bit at {RATE} Hz")
        everything = array("h", file.readframes(file.getnframes()))
        return [everything[channel::file.getnchannels()] for channel in range(file.getnchannels())]


def messages(log):
    """Controller changes by number, as `jack_midi_dump` writes them."""
    found = {}
    for line in log.read_text().splitlines():
        match = re.search(r"\b[bB]([0-9a-fA-F]) ([0-9a-fA-F]{2}) ([0-9a-fA-F]{2})\b", line)
        if match:
            found.setdefault(int(match[2], 16), []).append(int(match[3], 16))
    return found


def main():
    it = arguments()
    for tool in ["jackd", "jack_lsp", "jack_rec", "jack-play", "jack_midi_dump", "Xvfb", "xdotool", "sox", "import"]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing; README.md beside this file says what to install")
    if not it.program.is_file():
        sys.exit(f"{it.program} is missing; README.md beside this file says how to build it")
    folder = it.keep or Path(tempfile.mkdtemp(prefix="undersong-standalone-"))
    folder.mkdir(parents=True, exist_ok=True)
    take = folder / "take.wav"
    subprocess.run(["sox", "-R", it.take, "-r", str(RATE), "-c", "1", "-b", "16", take, "pad", "4", "1"], check=True)
    seconds = len(channels(take)[0]) / RATE

    session = Session(folder, it.display)
    try:
        session.start("xvfb", "Xvfb", it.display, "-screen", "0", "1000x700x24", "-nolisten", "tcp")
        session.start("jackd", "jackd", "--no-realtime", "--name", SERVER, "-d", "dummy", "-r", RATE, "-p", PERIOD)
        session.until("the JACK server", lambda: session.ports("system:"))
        session.start("undersong", it.program, "--backend", "jack")
        session.until("the program's ports", lambda: session.ports("(?i)undersong.*(input|in)"))
        ports = session.ports("(?i)^undersong:")
        window = session.until("the program's window", lambda: session.call(
            "xdotool", "search", "--name", "Undersong", check=False).split())[-1]
        time.sleep(4)
        session.screenshot("window")
        session.click(window, MIDI_CHIP)
        session.screenshot("midi-page")
        session.click(window, CONTROLLERS_SWITCH)
        session.screenshot("midi-on")

        session.start("midi", "stdbuf", "-oL", "jack_midi_dump")
        midi_in = session.until("the MIDI monitor", lambda: session.ports("(?i)midi-monitor"))[0]
        session.call("jack_connect", [p for p in ports if "midi" in p.lower() and "out" in p.lower()][0], midi_in)
        sound_in = [p for p in ports if "input" in p.lower() and "midi" not in p.lower()]
        sound_out = [p for p in ports if "output" in p.lower() and "midi" not in p.lower()]
        player = session.start("play", "jack-play", take)
        voice = session.until("the player", lambda: session.ports("(?i)^jack-play"))[0]
        for port in sound_in[:2]:
            session.call("jack_connect", voice, port)
        # What goes in and what comes out, side by side in one file.
        recorder = session.start("rec", "jack_rec", "-f", folder / "both.wav", "-d", int(seconds), "-b", "16",
                                 voice, sound_out[0])
        time.sleep(min(seconds, 12))
        session.screenshot("playing")
        recorder.wait(seconds + 60)
        player.wait(30)
        xruns = (folder / "jackd.log").read_text().lower().count("xrun")
        heard = messages(folder / "midi.log")
    finally:
        session.end()

    sent, came = channels(folder / "both.wav")
    same, loudest = sum(a == b for a, b in zip(sent, came)), max(map(abs, sent))
    lines = [
        f"Ports: {', '.join(ports)}.",
        "",
        f"Sound: {same} of {len(sent)} samples came out as they went in, in the same period; the loudest of them is {loudest}. Lines of the server's "
        f"log that speak of an xrun: {xruns}.",
        "",
        f"MIDI: {sum(map(len, heard.values()))} messages while {seconds:.1f} s were played.",
        "",
        "| controller | | messages | least | greatest |",
        "|---|---|---|---|---|",
    ]
    for number, name in CONTROLLERS.items():
        values = heard.get(number, [])
        span = (min(values), max(values)) if values else ("", "")
        lines.append(f"| {number} | {name} | {len(values)} | {span[0]} | {span[1]} |")
    text = "\n".join(lines)
    print(text)
    if it.result:
        it.result.write_text(text + "\n")
    scores = [number for number in range(20, 28) if len(set(heard.get(number, []))) > 3]
    if len(scores) < 4 or same < 0.99 * len(sent) or loudest < 1000:
        sys.exit(f"\nnot as it should be; see {folder}")
    print(f"\nkept in {folder}" if it.keep else "")
    if not it.keep:
        shutil.rmtree(folder)


main()
