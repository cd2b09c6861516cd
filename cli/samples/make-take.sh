#!/bin/sh
# Makes take.flac again: four sentences by a speech synthesiser, each in another pitch, pace and loudness, with a pause in the
# middle that is longer than a window and so has no voice. Needs espeak-ng and sox with FLAC.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say FILE PITCH(0-99) WORDS-PER-MINUTE AMPLITUDE(0-200) TEXT
say() {
    espeak-ng -v en-gb -p "$2" -s "$3" -a "$4" -w "$work/$1.wav" "$5"
}

say 1 45 155 70 "We start at nine. I will bring the notes."
say 2 85 185 100 "You did it! Oh, that is wonderful news!"
say 3 25 205 140 "No! How many times must I tell you?"
say 4 15 120 35 "There is nothing left of those days."

# The synthesiser writes 22,050 Hz; -R makes sox's dither, and so the file, the same every time.
sox -R "$work/1.wav" -p pad 0.2 0.1 |
    sox -R - "$work/2.wav" -p pad 0 3.2 |
    sox -R - "$work/3.wav" -p pad 0 0.1 |
    sox -R - "$work/4.wav" -b 16 -c 1 -C 8 --comment "" take.flac pad 0 0.2
