"""Makes libs/plan/src/kinds/goldens.json: what scikit-learn, pandas and scipy make of the same small columns.

python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pandas==3.1.1 statsmodels==0.15.0
/tmp/goldens/bin/python tools/goldens/plan.py
"""

import json
import math
import pathlib

import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
from sklearn import preprocessing

PATH = pathlib.Path(__file__).parents[2] / "libs/plan/src/kinds/goldens.json"
MADE = f"tools/goldens/plan.py with numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, pandas {pd.__version__}"

rng = np.random.default_rng(11)
# Ties, a heavy tail and both signs.
NUMBERS = np.round(np.concatenate([rng.normal(3, 2, 24), rng.exponential(8, 12), [2.5, 2.5, 2.5, -4.0]]), 3)
SERVED = np.round(np.concatenate([rng.normal(3, 4, 12), [-1e6, 1e6, 2.5, NUMBERS.min(), NUMBERS.max()]]), 3)
WORDS = np.array(list("aaaaaaaabbbbbbccccddde"))


def cells(values):
    """JSON has no NaN: missing is null, and text that pandas reads as a number stays one."""
    return [None if isinstance(value, float) and math.isnan(value) else value for value in np.asarray(values).ravel().tolist()]


def scaled(scaler):
    scaler.fit(NUMBERS.reshape(-1, 1))
    return cells(scaler.transform(SERVED.reshape(-1, 1)))


def quantile_transformed(quantiles, to):
    return scaled(preprocessing.QuantileTransformer(n_quantiles=quantiles, output_distribution=to, subsample=None))


def word_indicators(served, **options):
    encoder = preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, **options)
    encoder.fit(WORDS.reshape(-1, 1))
    return encoder.transform(np.array(served).reshape(-1, 1)).tolist()


def outliers(by, width=None):
    column = pd.Series(NUMBERS)
    if by == "iqr":
        low, high = column.quantile([0.25, 0.75])
        reach = (1.5 if width is None else width) * scipy.stats.iqr(NUMBERS)
    elif by == "z":
        low = high = NUMBERS.mean()
        reach = (3 if width is None else width) * scipy.stats.tstd(NUMBERS) * math.sqrt(1 - 1 / len(NUMBERS))
    else:
        low = high = column.median()
        reach = (3.5 if width is None else width) * scipy.stats.median_abs_deviation(NUMBERS) / 0.6745
    served = pd.Series(SERVED)
    clipped = served.clip(low - reach, high + reach)
    return {"by": by, **({} if width is None else {"width": width}), "clipped": cells(clipped), "flags": cells((clipped != served).astype(int))}


def smoothed(by, to):
    column = pd.Series(NUMBERS)
    discretizer = preprocessing.KBinsDiscretizer(5, encode="ordinal", strategy={"width": "uniform", "frequency": "quantile"}[by], quantile_method="linear", subsample=None)
    groups = column.groupby(discretizer.fit_transform(NUMBERS.reshape(-1, 1)).ravel())
    if to != "boundary":
        return {"by": by, "to": to, "values": cells(groups.transform(to))}
    low, high = groups.transform("min"), groups.transform("max")
    return {"by": by, "to": to, "values": cells(np.where(column - low <= high - column, low, high))}


SHARES = [1e-300, 1e-100, 1e-20, 1e-12, 1e-7, 1e-3, 0.01, 0.074, 0.075, 0.0751, 0.2, 0.45, 0.5, 0.6, 0.9, 0.9249, 0.9251, 0.99, 1 - 1e-7, 1 - 1e-12]

goldens = {
    "made": MADE,
    "numbers": cells(NUMBERS),
    "served": cells(SERVED),
    "words": WORDS.tolist(),
    "robust": {"quartiles": scaled(preprocessing.RobustScaler()), "deciles": scaled(preprocessing.RobustScaler(quantile_range=(10, 90)))},
    "minmax": {"unit": scaled(preprocessing.MinMaxScaler()), "symmetric": scaled(preprocessing.MinMaxScaler(feature_range=(-1, 1)))},
    "standard": scaled(preprocessing.StandardScaler()),
    "quantile": [{"quantiles": quantiles, "to": to, "values": quantile_transformed(quantiles, to)} for quantiles in (4, 20, 40) for to in ("uniform", "normal")],
    "normal": {"shares": SHARES, "values": cells(scipy.stats.norm.ppf(SHARES))},
    "outliers": [outliers(*case) for case in [("iqr",), ("iqr", 0.5), ("z",), ("z", 1.2), ("mad",), ("mad", 2.5)]],
    "smooth": [smoothed(by, to) for by in ("width", "frequency") for to in ("mean", "median", "boundary")],
    "log": {"natural": cells(np.log(NUMBERS - NUMBERS.min() + 1)), "decimal": cells(np.log10(NUMBERS + 10)), "binary": cells(np.log2(NUMBERS + 10))},
    "onehot": {"served": ["a", "b", "e", "zzz"], "rare": word_indicators(["a", "b", "e", "zzz"], min_frequency=4)},
    "frequency": pd.Series(WORDS).value_counts(normalize=True).to_dict(),
}


def lines(value):
    """JSON with one case a line."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(each)}" for key, each in value.items()) + "\n}\n"


PATH.write_text(lines(goldens))
