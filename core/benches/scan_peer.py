"""The peer of benches/scan.rs: the same scan in Python, librosa and onnxruntime on one thread each.

Arguments: model, take, file for the scores. First line out: the ways at hand. Then, per line in (a way's name): processor and clock seconds of one scan.
What the network sees is read from the model's own metadata. Voice activity, which ours does too, is left out here.
"""
import os, sys, time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
try:
    import json, warnings
    import librosa, numpy as np, onnxruntime
except ImportError:
    sys.exit()
warnings.simplefilter("ignore")

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
metadata = json.loads(session.get_modelmeta().custom_metadata_map["undersong"])
features, calibration = metadata["features"], metadata["calibration"]
rate, hop, span = features["sample_rate_hz"], features["hop_samples"], features["span_samples"]
frames = -(-span // hop)
mel, kind, log = features["mel"], features["kind"], features.get("log") or {"floor": 1e-10, "range_db": 80.0}
level, cmvn = features.get("level") or {"type": "off"}, features.get("cmvn", "off")
statistics = features.get("statistics")
if features.get("deltas") or kind.get("lifter") or features.get("noise_reduction", "off") != "off":
    sys.exit("this model's features (deltas, lifter or noise reduction) are not written down in scan_peer.py")
HOP_SECONDS, BATCH = 0.25, 4


def spectrogram(y):
    return librosa.feature.melspectrogram(
        y=y, sr=rate, n_fft=features["fft_samples"], win_length=features["window_samples"], hop_length=hop,
        window=features.get("window", "hann"), center=True, pad_mode="constant", power=2.0, n_mels=mel["bands"],
        fmin=mel["low_hz"], fmax=mel["high_hz"], htk=mel.get("scale", "slaney") == "htk",
        norm="slaney" if mel.get("norm", "slaney") == "slaney" else None)


def gain(y):
    if level["type"] == "off":
        return 1.0
    if level["type"] == "peak":
        peak = np.abs(y).max()
        return 1.0 / peak if peak > 1e-6 else 1.0
    energy = np.square(y[: len(y) // hop * hop].reshape(-1, hop)).sum(axis=1)
    if energy.max() < 1e-12 * hop:
        return 1.0
    sounding = energy[energy >= energy.max() * 1e-4]
    return level["target"] / np.sqrt(sounding.mean() / hop)


def window(power, y):
    """Mel powers and samples of one window to what the network sees, [frames, coefficients]."""
    out = librosa.power_to_db(power * gain(y) ** 2, ref=1.0, amin=log["floor"], top_db=log["range_db"])
    if kind["type"] == "mfcc":
        out = librosa.feature.mfcc(S=out, n_mfcc=kind["coefficients"])
    out = out.T
    if cmvn != "off":
        out = out - out.mean(axis=0)
    if cmvn == "mean_variance":
        out = out / np.maximum(out.std(axis=0), 1e-3)
    if statistics:
        out = (out - statistics["mean"]) / statistics["deviation"]
    return out.astype(np.float32)


def scan(shared, duration=None):
    y, _ = librosa.load(sys.argv[2], sr=rate, mono=True, duration=duration)
    seconds = len(y) / rate
    count = int((seconds - span / rate) / HOP_SECONDS) + 1
    starts = [round(k * HOP_SECONDS * rate / hop) for k in range(count)]
    if seconds - (span / rate + (count - 1) * HOP_SECONDS) > 0.01:
        starts.append(round((seconds - span / rate) * rate / hop))
    whole = spectrogram(y) if shared else None
    scores, batch = [], []
    for number, start in enumerate(starts):
        piece = y[start * hop : start * hop + span]
        power = whole[:, start : start + frames] if shared else spectrogram(piece)[:, :frames]
        batch.append(window(power, piece))
        if len(batch) == BATCH or number == len(starts) - 1:
            logits = session.run(None, {session.get_inputs()[0].name: np.stack(batch)[:, None]})[0]
            weights = np.exp((logits - logits.max(axis=1, keepdims=True)) / calibration["temperature"])
            scores.append(weights / weights.sum(axis=1, keepdims=True))
            batch = []
    np.concatenate(scores).astype("<f4").tofile(sys.argv[3])


ways = {"window by window": False, "frames shared": True}
for shared in ways.values():
    scan(shared, 8.0)  # the first calls compile and plan
print(",".join(ways), flush=True)
for line in sys.stdin:
    processor, clock = time.process_time(), time.perf_counter()
    scan(ways[line.strip()])
    print(time.process_time() - processor, time.perf_counter() - clock, flush=True)
