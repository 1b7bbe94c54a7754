"""Makes libs/ml/src/drift/goldens.json and libs/ml/src/evaluation/goldens.json: what other people's numerics say of the same numbers.

python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
/tmp/goldens/bin/python tools/goldens/drift.py
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon
from scipy.special import gammaincc, kolmogorov
from scipy.stats import binomtest, chi2_contingency
from sklearn.metrics import average_precision_score, brier_score_loss, confusion_matrix, log_loss, roc_auc_score, roc_curve

ROOT = pathlib.Path(__file__).parents[2] / "libs/ml/src"
MADE = f"tools/goldens/drift.py with numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}"
FLOOR = 1e-4

PAIRS = [
    ([10, 20, 30, 40], [40, 30, 20, 10]),
    ([500, 300, 150, 50], [480, 310, 160, 50]),
    ([100, 0, 50, 7], [90, 3, 0, 12]),
    ([1, 1, 1, 1, 1], [1, 1, 1, 1, 1]),
    ([1000, 0, 0], [0, 0, 1000]),
    ([123, 456, 789, 12, 345, 678], [98, 400, 901, 33, 280, 700]),
    # The gap between the two changes its sign within bins.
    ([40, 10, 10, 40], [10, 60, 20, 10]),
]
EDGES = [0.0, 1.0, 1.5, 4.0, 4.25, 9.0, 20.0]
SCALE = 2.5


def shares(counts):
    return np.asarray(counts, dtype=float) / sum(counts)


def psi(reference, current):
    p, q = np.maximum(shares(reference), FLOOR), np.maximum(shares(current), FLOOR)
    return float(np.sum((q - p) * np.log(q / p)))


def ks(reference, current):
    return float(np.max(np.abs(np.cumsum(shares(reference)) - np.cumsum(shares(current)))))


def wasserstein(reference, current):
    """The area between the two piecewise linear distribution functions, by quadrature."""
    edges = np.array(EDGES[: len(reference) + 1])
    p, q = (np.concatenate([[0], np.cumsum(shares(counts))]) for counts in (reference, current))
    gap = lambda x: abs(np.interp(x, edges, p) - np.interp(x, edges, q))
    crossings = [low + (high - low) * a / (a - b) for low, high, a, b in zip(edges, edges[1:], (p - q)[:-1], (p - q)[1:]) if a * b < 0]
    points = sorted([*edges, *crossings])
    return float(sum(quad(gap, low, high)[0] for low, high in zip(points, points[1:])) / SCALE)


def chi(reference, current):
    table = np.array([reference, current])
    table = table[:, table.sum(axis=0) > 0]
    statistic, p, _, _ = chi2_contingency(table, correction=False)
    return {"statistic": float(statistic), "p": float(p)}


def stephens(distance, rows, other):
    n = rows * other / (rows + other)
    return float(kolmogorov((np.sqrt(n) + 0.12 + 0.11 / np.sqrt(n)) * distance))


distances = [
    {
        "reference": a,
        "current": b,
        "psi": psi(a, b),
        "jensenShannon": float(jensenshannon(a, b, base=2)),
        "ks": ks(a, b),
        "wasserstein": wasserstein(a, b),
        "chi2": chi(a, b),
    }
    for a, b in PAIRS
]
drift = {
    "made": MADE,
    "edges": EDGES,
    "scale": SCALE,
    "distances": distances,
    "ksP": [{"distance": d, "rows": n, "other": m, "p": stephens(d, n, m)} for d, n, m in [(0.05, 100, 100), (0.05, 1000, 2000), (0.1, 500, 500), (0.02, 10000, 8000), (0.2, 50, 70), (0.5, 20, 30), (0.003, 100, 100)]],
    "upperGamma": [{"a": a, "x": x, "q": float(gammaincc(a, x))} for a, x in [(0.5, 0.1), (0.5, 2), (0.5, 20), (1, 1), (1.5, 0.5), (2.5, 7), (10, 3), (10, 10), (10, 30), (24.5, 24.5), (24.5, 60), (100, 80), (100, 130)]],
}

rng = np.random.default_rng(7)


def sample(rows, ties):
    margin = rng.normal(size=rows)
    score = 1 / (1 + np.exp(-margin))
    if ties:
        score = np.round(score, 1)
    score = np.round(score, 6)
    return (rng.random(rows) < 1 / (1 + np.exp(-1.5 * margin))).astype(int), score


def ece(y, p, bins=10):
    """Naeini et al. 2015: equal-width bins, weighted by rows."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(np.sum(which == b) / len(y) * abs(np.mean(p[which == b]) - np.mean(y[which == b])) for b in range(bins) if np.any(which == b)))


def judged(y, p):
    # Bounded where the probability of what happened is, not the score: 1 - (1 - 1e-15) is not 1e-15.
    loss = float(np.mean(-np.log(np.maximum(np.where(y == 1, p, 1 - p), 1e-15))))
    assert np.isclose(loss, log_loss(y, np.clip(p, 1e-15, 1 - 1e-15)), rtol=1e-4)
    return {"target": y.tolist(), "scores": p.tolist(), "auc": float(roc_auc_score(y, p)), "log_loss": loss, "brier": float(brier_score_loss(y, p)), "ece": ece(y, p)}


def curve(y, p):
    """Counts at every different score, and the points of scikit-learn's ROC curve."""
    thresholds = np.unique(p)
    tn, fp, fn, tp = np.array([confusion_matrix(y, (p >= t).astype(int), labels=[0, 1]).ravel() for t in thresholds]).T.tolist()
    fpr, tpr, at = roc_curve(y, p, drop_intermediate=False)
    return {"averagePrecision": float(average_precision_score(y, p)), "counts": [list(each) for each in zip(thresholds.tolist(), tp, fp, fn, tn)], "roc": [list(each) for each in zip(at[1:].tolist(), fpr[1:].tolist(), tpr[1:].tolist())]}


def interval(ones, rows):
    found = binomtest(ones, rows).proportion_ci(0.95, method="wilson")
    return {"ones": ones, "rows": rows, "low": float(found.low), "high": float(found.high)}


SAMPLES = [sample(40, False), sample(60, True), (np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 0.0, 1.0]))]
# With more different scores than a curve keeps.
SAMPLES.append(sample(500, False))
metrics = {
    "made": MADE,
    "samples": [{**judged(*each), **curve(*each)} for each in SAMPLES],
    "wilson": [interval(ones, rows) for ones, rows in [(0, 10), (10, 10), (1, 3), (37, 120), (999, 1000), (0, 1)]],
}


def lines(value):
    """JSON with one case a line."""
    parts = (json.dumps(key) + ": " + ("[\n  " + ",\n  ".join(map(json.dumps, each)) + "\n]" if isinstance(each, list) and isinstance(each[0], dict) else json.dumps(each)) for key, each in value.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


for path, value in [("drift", drift), ("evaluation", metrics)]:
    (ROOT / path / "goldens.json").write_text(lines(value))
