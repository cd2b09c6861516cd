"""Makes compare.json: chroma and spectral contrast of core's golden clips, as librosa 0.11 has them.

    python trainer/tests/golden/compare.py > trainer/tests/golden/compare.json

Per clip: `chroma` [frames][12] and `contrast` [frames][7] of every fourth frame, rounded to four decimals.
"""
import json
import pathlib

import librosa
import soundfile

CLIPS = pathlib.Path(__file__).parents[3] / "core/tests/golden"
EVERY = 4

golden = {}
for name in ["speech_woman", "speech_man", "sweep", "noise", "clicks", "silence", "speech_then_silence", "shorter_than_fft"]:
    sound, rate = soundfile.read(CLIPS / f"{name}.wav", dtype="float64")
    assert rate == 22050, name
    chroma = librosa.feature.chroma_stft(y=sound, sr=rate, tuning=0)
    contrast = librosa.feature.spectral_contrast(y=sound, sr=rate)
    golden[name] = {
        key: [[round(float(x), 4) for x in frame] for frame in value.T[::EVERY]]
        for key, value in [("chroma", chroma), ("contrast", contrast)]
    }
print("{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in golden.items()) + "\n}")
