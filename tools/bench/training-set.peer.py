"""The training set of the flights as people make it with pandas or with Feast; prints rows, seconds without the start of Python, and the peak of memory as JSON.

pandas: hours of what was known, running totals, and merge_asof at the hour and at the start of each window, all 14 windows of both airports.
feast: windows made beforehand (not timed), one row an airport and hour; timed is get_historical_features alone, on the first `rows` of the spine.
"""
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

tool, source, spine_file, folder, rows = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), int(sys.argv[5])
folder.mkdir(parents=True, exist_ok=True)
HOUR, TTL_HOURS, WINDOWS = 3_600_000_000, 14 * 24, [3, 24, 168]


def micros(times):
    return times.astype("datetime64[us]").astype("int64")


def totals(flights, key):
    known = micros(flights["date"]) + 1_800_000_000 + np.floor(flights["distance"] * 7_500_000.0).astype("int64") + flights["delay"] * 60_000_000
    made = pd.DataFrame(dict(airport=flights[key], hour=known // HOUR, last=micros(flights["date"]), n=1, late=(flights["delay"] > 15).astype("int64"), delay=flights["delay"]))
    hours = made.groupby(["airport", "hour"], as_index=False).agg(last=("last", "max"), n=("n", "sum"), late=("late", "sum"), delay=("delay", "sum"))
    by = hours.groupby("airport")
    hours["last"], hours["n"], hours["late"], hours["delay"] = by["last"].cummax(), by["n"].cumsum(), by["late"].cumsum(), by["delay"].cumsum()
    return hours.sort_values("hour", kind="stable")


def windows(spine, hours, key, side):
    left = pd.DataFrame(dict(airport=spine[key], time=micros(spine["date"]), row=np.arange(len(spine))))
    left["hour"] = left["time"] // HOUR
    left = left.sort_values("hour", kind="stable")
    now = pd.merge_asof(left, hours, on="hour", by="airport", allow_exact_matches=False)
    alive = now["last"] >= now["time"] - TTL_HOURS * HOUR
    made = dict(row=now["row"])
    for size in WINDOWS:
        before = pd.merge_asof(left.assign(hour=left["hour"] - size), hours, on="hour", by="airport", allow_exact_matches=False)
        part = {name: now[name].fillna(0) - before[name].fillna(0) for name in ["n", "late", "delay"]}
        good = alive & (part["n"] > 0)
        made[f"{side}_late_share_{size}h"] = (part["late"] / part["n"]).where(good)
        made[f"{side}_mean_delay_{size}h"] = (part["delay"] / part["n"]).where(good)
        if size == 3:
            made[f"{side}_flights_3h"] = part["n"].where(alive)
    return pd.DataFrame(made).set_index("row").sort_index()


def pandas_set(flights, spine):
    sides = [windows(spine, totals(flights, key), key, key) for key in ["origin", "destination"]]
    made = pd.concat([spine.reset_index(drop=True), *sides], axis=1)
    made.to_parquet(folder / "pandas.parquet", compression="zstd", index=False)
    return made


def feast_set(flights, spine):
    from datetime import timedelta

    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
    from feast.types import Float64

    (folder / "feature_store.yaml").write_text("project: bench\nprovider: local\nregistry: registry.db\nonline_store:\n  type: sqlite\n  path: online.db\noffline_store:\n  type: file\nentity_key_serialization_version: 3\n")
    store, views, features = FeatureStore(repo_path=str(folder)), [], []
    for key in ["origin", "destination"]:
        hours = totals(flights, key)
        times = hours[["airport", "hour"]].assign(date=pd.to_datetime((hours["hour"] + 1) * HOUR, unit="us"), **{key: hours["airport"]}).reset_index(drop=True)
        made = pd.concat([times, windows(times, hours, key, key)], axis=1).rename(columns={key: f"{key}_airport"})
        made["event_timestamp"] = made["date"].dt.tz_localize("UTC")
        path = folder / f"{key}.parquet"
        names = [name for name in made.columns if name.startswith(f"{key}_") and name != f"{key}_airport"]
        made[[f"{key}_airport", "event_timestamp", *names]].astype({name: "float64" for name in names}).to_parquet(path, index=False)
        entity = Entity(name=f"{key}_airport", join_keys=[f"{key}_airport"], value_type=ValueType.STRING)
        views.append(FeatureView(name=key, entities=[entity], ttl=timedelta(hours=TTL_HOURS), schema=[Field(name=name, dtype=Float64) for name in names], source=FileSource(path=str(path), timestamp_field="event_timestamp")))
        features += [f"{key}:{name}" for name in names]
        store.apply([entity, views[-1]])
    asked = spine.rename(columns=dict(origin="origin_airport", destination="destination_airport"))
    asked["event_timestamp"] = asked.pop("date").dt.tz_localize("UTC")
    began = time.perf_counter()
    made = store.get_historical_features(entity_df=asked, features=features).to_df()
    made.to_parquet(folder / "feast.parquet", index=False)
    return made, time.perf_counter() - began


began = time.perf_counter()
flights = pd.read_parquet(source)
spine = pd.read_parquet(spine_file, columns=["date", "delay", "distance", "origin", "destination"]).head(rows)
if tool == "pandas":
    made, seconds = pandas_set(flights, spine), None
    seconds = time.perf_counter() - began
else:
    made, seconds = feast_set(flights, spine)
print(json.dumps(dict(rows=len(made), seconds=seconds, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
