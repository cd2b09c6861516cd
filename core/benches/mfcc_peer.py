"""The peers of benches/mfcc.rs: librosa and torchaudio on one thread, a call a line, so that both sides can be timed in turn.

Argument: the clip, raw float32. First line out: the peers at hand. Then, per line in (a peer's name): its milliseconds for one call.
"""
import os, sys, time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np

clip = np.fromfile(sys.argv[1], dtype="<f4")
peers = {}
try:
    import librosa

    peers["librosa"] = lambda: librosa.feature.mfcc(y=clip, sr=22050, n_mfcc=40)
except ImportError:
    pass
try:
    import torch

    torch.version.cuda = None  # torchaudio refuses a torch built for another CUDA; neither is used here
    import torchaudio

    torch.set_num_threads(1)
    mel = dict(n_fft=2048, hop_length=512, n_mels=128, mel_scale="slaney", norm="slaney", pad_mode="constant")
    mfcc, tensor = torchaudio.transforms.MFCC(22050, 40, melkwargs=mel), torch.from_numpy(clip)

    def run():
        with torch.inference_mode():
            return mfcc(tensor)

    peers["torchaudio"] = run
except (ImportError, RuntimeError, OSError):
    pass
print(" ".join(peers), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    peers[line.strip()]()
    print((time.perf_counter() - start) * 1e3, flush=True)
