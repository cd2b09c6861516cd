"""Makes delivery.json, what tests/delivery_praat.rs holds measures of delivery against:  python make_delivery.py  (praat-parselmouth, soundfile).

Per sound: Praat's pitch every 10 ms, the syllable nuclei of De Jong & Wempe's script, level and alpha ratio of the whole.
"""
import json, pathlib
import numpy as np, parselmouth, soundfile
from parselmouth.praat import call

HERE = pathlib.Path(__file__).parent
FLOOR, CEILING = 70, 600


def nuclei(sound, pitch):
    """De Jong & Wempe's script, second version (2010): threshold −25 dB, dip 2 dB. The last peak counts as any other."""
    intensity = sound.to_intensity(50, 0.016, True)
    loud = call(intensity, "Get quantile", 0, 0, 0.99)
    threshold = max(loud - 25, call(intensity, "Get minimum", 0, 0, "None"))
    times, values = intensity.xs(), intensity.values[0]
    peaks = [i for i in range(1, len(values) - 1) if values[i] > threshold and values[i - 1] < values[i] >= values[i + 1]]
    found = []
    for order, peak in enumerate(peaks):
        following = peaks[order + 1] if order + 1 < len(peaks) else len(values) - 1
        if values[peak] - values[peak : following + 1].min() > 2 and not np.isnan(call(pitch, "Get value at time", times[peak], "Hertz", "Linear")):
            found.append(round(float(times[peak]), 4))
    return found


files = {
    "speech_man": "speech_man.wav",
    "speech_woman": "speech_woman.wav",
    "take": "../../../cli/samples/take.flac",
    "spoken": "../fixtures/audio/spoken.ogg",
}
golden = {}
for name, path in files.items():
    samples, rate = soundfile.read(HERE / path)
    sound = parselmouth.Sound(samples, rate)
    pitch = sound.to_pitch_ac(0.01, FLOOR, 15, False, 0.03, 0.45, 0.01, 0.35, 0.14, CEILING)
    for_nuclei = sound.to_pitch_ac(0.02, 30, 4, False, 0.03, 0.25, 0.01, 0.35, 0.25, 450)
    spectrum = sound.to_spectrum()
    low, high = spectrum.get_band_energy(50, 1000), spectrum.get_band_energy(1000, 5000)
    golden[name] = {
        "path": path,
        "first_seconds": round(float(pitch.xs()[0]), 6),
        "pitch_hz": [round(float(f), 2) for f in pitch.selected_array["frequency"]],
        "nuclei_seconds": nuclei(sound, for_nuclei),
        "level_db": round(20 * float(np.log10(sound.get_rms())), 3),
        "brightness_db": round(10 * float(np.log10(high / low)), 3),
    }
lines = (f" {json.dumps(name)}: {json.dumps(facts)}" for name, facts in golden.items())
(HERE / "delivery.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
