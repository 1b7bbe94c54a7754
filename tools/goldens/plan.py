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
from sklearn import decomposition, ensemble, preprocessing, tree
from statsmodels.stats.outliers_influence import variance_inflation_factor

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


def dropped_rows():
    table = pd.DataFrame({"a": [1.0, None, 3.0, None, 5.0, 60.0], "b": [2.0, 4.0, None, None, 1.0, 3.0], "s": ["x", "y", None, None, None, "y"]}).astype({"s": object})
    kept = {how: table.dropna(subset=["a", "s"], how=how) for how in ("any", "all")}
    return {"columns": {name: [None if pd.isna(cell) else cell for cell in table[name]] for name in table}, "cases": [{"missing": how, "rows": rows.index.tolist(), "mean": rows["b"].mean()} for how, rows in kept.items()]}


def isolated():
    draws = np.random.default_rng(7)
    # Quarters: exact as float32, which scikit-learn computes with. Two clouds, and rows between and beside them.
    clouds = np.concatenate([draws.normal([0, 0], [1, 2], (140, 2)), draws.normal([12, 9], [2, 1], (140, 2))])
    planted = np.concatenate([draws.uniform(-12, 24, (200, 2))])
    far = np.minimum(np.abs((planted - [0, 0]) / [1, 2]).max(axis=1), np.abs((planted - [12, 9]) / [2, 1]).max(axis=1)) > 5
    rows = np.round(np.concatenate([clouds, planted[far][:12]]) * 4) / 4
    flags = np.repeat([0, 1], [280, 12])
    small = ensemble.IsolationForest(n_estimators=6, max_samples=32, random_state=3).fit(rows)
    shown = [{"feature": each.tree_.feature.tolist(), "threshold": each.tree_.threshold.tolist(), "left": each.tree_.children_left.tolist(), "right": each.tree_.children_right.tolist(), "rows": each.tree_.n_node_samples.tolist()} for each in small.estimators_]
    served = np.concatenate([rows[::20], [[0.25, 100], [-50, 9], [6, 4.5]]])
    recalls = []
    for seed in range(10):
        scores = ensemble.IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows).score_samples(rows)
        recalls.append(float(flags[np.argsort(scores)[:12]].mean()))
    return {"rows": rows.tolist(), "planted": 12, "sample": 32, "trees": shown, "served": served.tolist(), "scores": cells(-small.score_samples(served)), "recall": float(np.mean(recalls))}


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
    return {"by": by, **({} if width is None else {"width": width}), "clipped": cells(clipped), "flags": cells((clipped != served).astype(int)), "kept": cells(column[column.between(low - reach, high + reach)]), "keptMean": column[column.between(low - reach, high + reach)].mean()}


def smoothed(by, to):
    column = pd.Series(NUMBERS)
    discretizer = preprocessing.KBinsDiscretizer(5, encode="ordinal", strategy={"width": "uniform", "frequency": "quantile"}[by], quantile_method="linear", subsample=None)
    groups = column.groupby(discretizer.fit_transform(NUMBERS.reshape(-1, 1)).ravel())
    if to != "boundary":
        return {"by": by, "to": to, "values": cells(groups.transform(to))}
    low, high = groups.transform("min"), groups.transform("max")
    return {"by": by, "to": to, "values": cells(np.where(column - low <= high - column, low, high))}


def fold(order):
    """The part of a training row, as libs/plan/src/training-fold.ts has it."""
    return ((order % 2**21) * 2654435769 % 2**32) * 5 // 2**32


def target_encoded():
    words = [[None, "a", "b", "c", "d"][i] for i in rng.choice(5, 60, p=[0.1, 0.4, 0.25, 0.2, 0.05])]
    y = (rng.random(60) < [{"a": 0.2, "b": 0.8}.get(word, 0.5) for word in words]).astype(float)
    folds = np.array([fold(i) for i in range(60)])
    present = np.array([word is not None for word in words])
    texts = np.array([word or "" for word in words])

    def encode(rows, served, smooth=5.0):
        # A missing text counts for the mean of all, but is no category; scikit-learn would make it one.
        encoder = preprocessing.TargetEncoder(smooth=smooth, target_type="continuous").fit(texts[rows].reshape(-1, 1), y[rows])
        return encoder.transform(np.array([word or "" for word in served]).reshape(-1, 1)).ravel()

    everything = np.ones(60, dtype=bool)
    served = ["a", "b", "c", "d", "never", None]
    encoded = [None if word is None else value for word, value in zip(served, encode(everything, served).tolist())]
    out = np.empty(60)
    for part in range(5):
        out[folds == part] = encode(folds != part, [words[i] for i in np.flatnonzero(folds == part)])
    return {"words": words, "targets": y.tolist(), "folds": folds.tolist(), "served": served, "encoded": encoded, "outOfFold": [value if there else None for value, there in zip(out.tolist(), present)]}


def fnv1a(text):
    sum = 0x811C9DC5
    for byte in text.encode():
        sum = (sum ^ byte) * 0x01000193 % 2**32
    return sum


# The vectors of the authors: isthe.com/chongo/tech/comp/fnv.
assert (fnv1a(""), fnv1a("a"), fnv1a("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)
TEXTS = ["", "a", "foobar", "é", "e\u0301", "日本", "😀", "o'clock"]


def tree_bins():
    values = np.round(rng.normal(0, 10, 200), 1)
    y = (rng.random(200) < np.where(values < -8, 0.9, np.where(values < 2, 0.1, np.where(values < 9, 0.6, 0.3)))).astype(float)

    def case(bins, share):
        fitted = tree.DecisionTreeRegressor(max_leaf_nodes=bins, min_samples_leaf=math.ceil(share * 200), random_state=0).fit(values.reshape(-1, 1), y)
        # Its features are float32: the edges are told again from the doubles on both sides.
        told = sorted(t for t, feature in zip(fitted.tree_.threshold, fitted.tree_.feature) if feature >= 0)
        edges = [float(values[values <= t + 1e-4].max() / 2 + values[values > t + 1e-4].min() / 2) for t in told]
        return {"bins": bins, "min_share": share, "edges": edges, "places": np.searchsorted(edges, values, side="right").tolist()}

    return {"values": values.tolist(), "targets": y.tolist(), "cases": [case(4, 0.05), case(6, 0.02), case(3, 0.2)]}


def grouped_fills():
    groups = [[None, "a", "b", "c", "empty"][i] for i in rng.choice(5, 40, p=[0.1, 0.45, 0.25, 0.15, 0.05])] + ["empty"]
    values = pd.Series(np.round(rng.normal(5, 3, 41), 0)).mask(rng.random(41) < 0.3).mask(pd.Series(groups) == "empty")

    def fill(name):
        learn = {"mean": pd.Series.mean, "median": pd.Series.median, "mode": lambda each: each.mode().iloc[0] if each.notna().any() else np.nan}[name]
        return cells(values.fillna(values.groupby(pd.Series(groups)).transform(learn)).fillna(learn(values)))

    return {"groups": groups, "values": cells(values), "filled": {name: fill(name) for name in ("mean", "median", "mode")}}


def first_stays(matrix, above):
    kept, verdicts = [], []
    for column in matrix.columns:
        best = max(kept, key=lambda other: abs(matrix.loc[column, other]), default=None)
        value = 0.0 if best is None else float(matrix.loc[column, best])
        stays = abs(value) <= above
        verdicts.append({"column": column, "kept": stays, "value": value, **({} if best is None else {"with": best})})
        if stays:
            kept.append(column)
    return verdicts


def low_enough(columns, above):
    kept, values = list(columns.columns), {}
    while True:
        matrix = np.column_stack([np.ones(len(columns)), columns[kept]])
        factors = [float(variance_inflation_factor(matrix, i + 1)) for i in range(len(kept))]
        values.update(zip(kept, factors))
        if max(factors) <= above:
            return [{"column": column, "kept": column in kept, "value": values[column]} for column in columns.columns]
        kept.pop(factors.index(max(factors)))


def correlated():
    a, b, c, d, f = rng.normal(size=(5, 60))
    full = pd.DataFrame({"a": a, "b": b, "c": 0.8 * a + 0.6 * c, "d": a + b + 0.3 * d, "e": np.exp(a), "f": -a + 0.1 * f}).round(4)
    numbers = full.copy()
    numbers.loc[rng.random(60) < 0.1, "b"] = np.nan
    words = pd.DataFrame({"s": rng.choice(list("xyz"), 60)})
    words["t"] = np.where(rng.random(60) < 0.9, words["s"].str.upper(), "Q")
    words["u"] = rng.choice(list("kl"), 60)
    v = pd.DataFrame({p: {q: scipy.stats.contingency.association(pd.crosstab(words[p], words[q]), method="cramer") for q in words} for p in words})
    # Where a column has holes, the ranks of pandas are those of each pair's rows; ours are those of each column: compared without holes.
    return {
        "numbers": {name: cells(numbers[name]) for name in numbers},
        "full": {name: cells(full[name]) for name in full},
        "words": {name: words[name].tolist() for name in words},
        "cases": [{"by": "pearson", "above": above, "verdicts": first_stays(numbers.corr(), above)} for above in (0.95, 0.7)]
        + [{"by": "spearman", "above": 0.9, "verdicts": first_stays(full.corr(method="spearman"), 0.9)}]
        + [{"by": "vif", "above": above, "verdicts": low_enough(full, above)} for above in (5, 50)]
        + [{"by": "cramer", "above": above, "verdicts": first_stays(v, above)} for above in (0.5, 0.99)],
    }


def components():
    matrix = np.round(rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4)), 3)
    fitted = decomposition.PCA(2, svd_solver="full").fit(matrix)
    return {"columns": {name: cells(matrix[:, i]) for i, name in enumerate("pqrs")}, "components": fitted.transform(matrix).T.tolist(), "ratio": float(fitted.explained_variance_ratio_.sum())}


def date_parts():
    """Leap days, centuries with and without one, both changes of the clock in New York and Berlin, ends of years."""
    local = [pd.Timestamp(text, tz=zone) for text, zone in [("2024-03-10 01:59:59", "America/New_York"), ("2024-03-10 03:00:00", "America/New_York"), ("2024-11-03 00:30:00", "America/New_York"), ("2024-10-27 04:00:00", "Europe/Berlin"), ("2024-03-31 03:00:00", "Europe/Berlin")]]
    texts = ["2000-02-29", "1900-02-28 23:59:59.999999", "1900-03-01", "2024-02-29 23:59:59", "2023-02-28", "2100-02-28", "2100-03-01", "1969-12-31 23:59:59.999999", "1970-01-01", "1999-12-31 23:59:59", "2000-01-01", "2026-08-14 13:07:45", "1700-06-15 06:00:01"]
    times = pd.DatetimeIndex([time.tz_convert("UTC").tz_localize(None) for time in local] + [pd.Timestamp(text) for text in texts]).as_unit("us")
    weekday = (times.day_of_week + 1) % 7
    parts = {"year": times.year, "quarter": times.quarter, "month": times.month, "day": times.day, "weekday": weekday, "weekend": ((weekday == 0) | (weekday == 6)).astype(int), "hour": times.hour, "minute": times.minute, "second": times.second}
    return {"micros": [str(value) for value in times.astype("int64")], "parts": {name: [int(value) for value in part] for name, part in parts.items()}}


def formulas():
    """Formulas beside the same in numpy and pandas."""
    a = np.array([1.5, -2.5, 0.5, np.nan, 7.0, -0.25, 100.0, 3.0])
    b = np.array([2.0, 0.0, -3.0, 4.0, np.nan, 8.0, 0.1, 3.0])
    s = ["red", "green", "", None, "it's", "Red", "ared", "blue"]
    text = pd.Series(s, dtype="str")
    time = pd.Series(pd.to_datetime(["2024-02-29 12:30:05", "2023-12-31 23:59:59", "1969-07-20 20:17:40", None, "2000-03-01", "2024-11-03 06:30:00", "1900-03-01 01:02:03", "2026-01-01"], format="ISO8601"))
    with np.errstate(all="ignore"):
        cases = {
            "a + b * 2": a + b * 2,
            "(a + b) * -2": (a + b) * -2,
            "a - b - 1": a - b - 1,
            "a / b": a / b,
            "-a % 3": np.mod(-a, 3),
            "abs(a) + sqrt(b)": np.abs(a) + np.sqrt(b),
            "floor(a) * 100 + ceil(a) * 10 + round(a)": np.floor(a) * 100 + np.ceil(a) * 10 + np.floor(a + 0.5),
            "ln(b) + log2(b) - log10(b)": np.where(b > 0, np.log(b) + np.log2(b) - np.log10(b), np.nan),
            "least(a, b) - greatest(a, b, 1)": np.minimum(a, b) - np.maximum(np.maximum(a, b), 1),
            "a < b": a < b,
            "not a < b": ~(a < b),
            "a <> b": (a != b) & ~np.isnan(a) & ~np.isnan(b),
            "a = 7 or b = 8 and a > 0": (a == 7) | ((b == 8) & (a > 0)),
            "coalesce(a, b, -1)": pd.Series(a).fillna(pd.Series(b)).fillna(-1),
            "a is null or b is not null and a in (1.5, 3)": np.isnan(a) | (~np.isnan(b) & np.isin(a, [1.5, 3])),
            "case when a > 2 then a when b > 2 then b end": np.select([a > 2, b > 2], [a, b], np.nan),
            "case when s = 'it''s' then 1 when s is null then 2 else 3 end": np.select([text == "it's", text.isna()], [1, 2], 3),
            "starts_with(s, 're') or ends_with(s, 'red') and contains(s, 'ar')": text.str.startswith("re").fillna(False) | (text.str.endswith("red").fillna(False) & text.str.contains("ar").fillna(False)),
            "s || '-x' = 'red-x'": text == "red",
            "s not in ('red', '')": ~text.isin(["red", ""]),
            "length(s) * 100 + length(trim('  ' || s || ' '))": text.str.len() * 100 + text.str.strip().str.len(),
            "upper(s) = 'RED' or lower(upper(s)) = 'scarlet'": text.str.upper().isin(["RED", "SCARLET"]),
            "length(replace(s, 'e', '--'))": text.str.replace("e", "--", regex=False).str.len(),
            "substring(s, 2, 2) in ('ed', 'ca')": text.str.slice(1, 3).isin(["ed", "ca"]),
            "concat(s, '-', s) = 'red-red'": text + "-" + text == "red-red",
            "year(time) * 10000 + month(time) * 100 + day(time)": time.dt.year * 10000 + time.dt.month * 100 + time.dt.day,
            "hour(time) * 3600 + minute(time) * 60 + second(time)": time.dt.hour * 3600 + time.dt.minute * 60 + time.dt.second,
        }
    # JSON has no infinity, which stands for itself here.
    plain = lambda value: "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else value
    micros = [None if pd.isna(each) else str(int(each.timestamp()) * 1_000_000) for each in time]
    return {"a": cells(a), "b": cells(b), "s": s, "time": micros, "cases": [{"formula": formula, "values": [plain(value) for value in cells(np.asarray(values, dtype=float))]} for formula, values in cases.items()]}


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
    "target": target_encoded(),
    "hash": {"words": TEXTS, "places": [fnv1a(text) % 7 for text in TEXTS]},
    "bin": tree_bins(),
    "impute": grouped_fills(),
    "dropcorrelated": correlated(),
    "droprows": dropped_rows(),
    "isolation": isolated(),
    "pca": components(),
    "dateparts": date_parts(),
    "expression": formulas(),
    "log": {"natural": cells(np.log(NUMBERS - NUMBERS.min() + 1)), "decimal": cells(np.log10(NUMBERS + 10)), "binary": cells(np.log2(NUMBERS + 10))},
    "onehot": {"served": ["a", "b", "e", "zzz"], "rare": word_indicators(["a", "b", "e", "zzz"], min_frequency=4)},
    "frequency": pd.Series(WORDS).value_counts(normalize=True).to_dict(),
}


def lines(value):
    """JSON with one case a line."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(each)}" for key, each in value.items()) + "\n}\n"


PATH.write_text(lines(goldens))
