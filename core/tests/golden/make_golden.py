"""Makes the golden arrays of tests/features_parity.rs with librosa 0.11:  python make_golden.py  (espeak-ng for the speech).

Per clip: NAME.wav (16-bit input; multiply by 10^(-scale/20) for the sound), and per configuration NAME.CONFIG.npy, float32 [frames, coefficients].
"""
import json, pathlib, subprocess, tempfile
import librosa, numpy as np, scipy.signal, soundfile

HERE = pathlib.Path(__file__).parent
RATE = 22050
rng = np.random.default_rng(1)


def speech(text, voice, seconds):
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-w", file.name, text], check=True)
        sound, rate = soundfile.read(file.name, dtype="float32")
    return librosa.resample(sound, orig_sr=rate, target_sr=RATE)[: int(seconds * RATE)]


def at(seconds, rate=RATE):
    return np.arange(int(seconds * rate)) / rate


def from_rate(rate):
    """A buzzing voice with vibrato made at another rate, then brought to RATE."""
    t = at(0.5, rate)
    phase = 2 * np.pi * np.cumsum(140 + 12 * np.sin(2 * np.pi * 5 * t)) / rate
    harmonics = [np.sin(k * phase) / k for k in range(1, 40) if k * 160 < rate / 2]
    return librosa.resample(0.2 * np.sum(harmonics, axis=0) * np.hanning(len(t)), orig_sr=rate, target_sr=RATE)


click = np.zeros(RATE // 2)
click[[0, 3000, 3001, 8000, len(click) - 1]] = [0.9, 1, -1, 0.3, -0.7]
left, right = speech("Stay with me tonight", "en+f3", 0.7), speech("Dogs are sitting by the door", "en+m2", 0.7)
mixed = 0.5 * (left[: len(right)] + right[: len(left)])
clips = {  # name: sound at RATE, then how many dB below its 16-bit file it lies
    "speech_woman": (speech("Kids are talking by the door", "en+f3", 1.2), 0),
    "speech_man": (speech("Dogs are sitting by the door", "en+m3", 1.2), 0),
    "silence": (np.zeros(RATE // 2), 0),
    "clicks": (click, 0),
    "sweep": (0.5 * scipy.signal.chirp(at(1), 20, 1, 10500, "logarithmic"), 0),
    "tone": (0.8 * np.sin(2 * np.pi * 1234.5 * at(0.4)), 0),
    "noise": (rng.normal(0, 0.1, RATE // 2), 0),
    "full_scale": (np.sign(np.sin(2 * np.pi * 220 * at(0.4))) * 0.99997, 0),
    "very_quiet": (0.99 * rng.uniform(-1, 1, RATE // 2) * np.hanning(RATE // 2), 80),
    "speech_then_silence": (np.r_[speech("Yes", "en", 0.4), np.zeros(RATE // 3)], 0),
    "short_10_ms": (0.3 * np.sin(2 * np.pi * 440 * at(0.01)), 0),
    "shorter_than_fft": (rng.normal(0, 0.1, 1500), 0),
    "one_sample": (np.array([0.5]), 0),
    "stereo_downmix": (mixed, 0),
    "from_8_khz": (from_rate(8000), 0),
    "from_16_khz": (from_rate(16000), 0),
    "from_44_khz": (from_rate(44100), 0),
    "from_48_khz": (from_rate(48000), 0),
    "from_96_khz": (from_rate(96000), 0),
}
# The configurations of features_parity.rs; only the paper's is made for every clip.
second = dict(sr=16000, n_fft=512, hop_length=320, n_mels=40, fmin=50, fmax=8000)
odd = dict(sr=RATE, n_fft=1024, win_length=551, hop_length=220, window="hamming", n_mels=27, fmin=80, fmax=7600, htk=True, norm=None)
few = ["speech_woman", "sweep", "shorter_than_fft"]


def save(name, config, features):
    np.save(HERE / f"{name}.{config}.npy", np.ascontiguousarray(features.T, dtype="<f4"))


for name, (sound, scale) in clips.items():
    ints = np.clip(np.round(np.asarray(sound) * 32768), -32768, 32767).astype("<i2")
    soundfile.write(HERE / f"{name}.wav", ints, RATE, subtype="PCM_16")
    y = (ints.astype(np.float32) / np.float32(32768)) * np.float32(10 ** (-scale / 20))
    mfcc = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=40)
    save(name, "paper", mfcc)
    if name in few:
        save(name, "second", librosa.power_to_db(librosa.feature.melspectrogram(y=y, **second)))
        log_mel = librosa.power_to_db(librosa.feature.melspectrogram(y=y, **odd))
        save(name, "odd", librosa.feature.mfcc(S=log_mel, n_mfcc=13, lifter=22))
    if name == "speech_woman":
        save(name, "deltas", np.r_[mfcc[:13], librosa.feature.delta(mfcc[:13]), librosa.feature.delta(mfcc[:13], order=2)])
(HERE / "clips.json").write_text(json.dumps({name: scale for name, (_, scale) in clips.items()}, indent=1) + "\n")
