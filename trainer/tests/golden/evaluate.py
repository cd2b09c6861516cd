"""Makes evaluate.json: seeded predictions, and what scikit-learn, SciPy and plain NumPy say of them.

    python trainer/tests/golden/evaluate.py > trainer/tests/golden/evaluate.json

Made with scikit-learn 1.9.1, SciPy and NumPy. Labels are eight; the second corpus has no clip of two of them, though the
model may still answer them, as on CREMA-D.
"""
import json
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import (accuracy_score, balanced_accuracy_score, confusion_matrix,
                             precision_recall_fscore_support)

LABELS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
warnings.filterwarnings("ignore")  # balanced_accuracy_score: answers without clips
rng = np.random.default_rng(20240613)

rows = []
for corpus, speakers, classes, clips in [("RAVDESS", 4, list(range(8)), 20), ("CREMA-D", 6, [0, 2, 3, 4, 5, 6], 20)]:
    for speaker in range(speakers):
        bias = rng.normal(0, 0.6, 8)
        for clip in range(clips):
            truth = int(rng.choice(classes))
            logits = rng.normal(0, 1.4, 8) + bias
            logits[truth] += 2.2
            rows.append({
                "name": f"{corpus}-{speaker}-{clip}", "corpus": corpus, "speaker": f"{corpus}-{speaker}",
                "sex": "female" if speaker % 2 else "male", "truth": truth,
                "logits": [float(np.float32(round(x * 1.7, 3))) for x in logits],
            })


def ece(confidence, right, bins=15):
    total = 0.0
    for m in range(1, bins + 1):
        inside = (confidence > (m - 1) / bins) & (confidence <= m / bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def figures(part):
    truth = np.array([r["truth"] for r in part])
    logits = np.array([r["logits"] for r in part], dtype=np.float64)
    answer = logits.argmax(1)
    present = sorted(set(truth.tolist()))
    macro = precision_recall_fscore_support(truth, answer, labels=present, average="macro", zero_division=0)
    weighted = precision_recall_fscore_support(truth, answer, labels=present, average="weighted", zero_division=0)
    each = precision_recall_fscore_support(truth, answer, labels=range(8), average=None, zero_division=0)

    def nll(t):
        return float(-log_softmax(logits / t, axis=1)[np.arange(len(truth)), truth].mean())

    best = minimize_scalar(lambda s: nll(np.exp(s)), bounds=(np.log(0.05), np.log(20)), method="bounded",
                           options={"xatol": 1e-10})
    confidence = softmax(logits, axis=1).max(1)
    right = (answer == truth).astype(float)
    order = np.argsort(-confidence, kind="stable")
    return {
        "accuracy": accuracy_score(truth, answer),
        "uar": balanced_accuracy_score(truth, answer),
        "macro_precision": macro[0], "macro_f1": macro[2],
        "weighted_precision": weighted[0], "weighted_f1": weighted[2],
        "precision": each[0].tolist(), "recall": each[1].tolist(), "f1": each[2].tolist(),
        "confusion": confusion_matrix(truth, answer, labels=range(8)).tolist(),
        "nll": nll(1.0), "ece": ece(confidence, right), "mean_confidence": float(confidence.mean()),
        "temperature": float(np.exp(best.x)), "nll_calibrated": float(best.fun),
        "accuracy_at_60": float(right[order][: int(np.ceil(0.6 * len(order)))].mean()),
    }


print(json.dumps({
    "predictions": {"labels": LABELS, "rows": rows, "left_out": []},
    "overall": figures(rows),
    "RAVDESS": figures([r for r in rows if r["corpus"] == "RAVDESS"]),
    "CREMA-D": figures([r for r in rows if r["corpus"] == "CREMA-D"]),
}))
