"""The same table work as people write it for pandas or polars: CSV to Parquet with typed columns, duplicates out, gaps filled, clipped, scaled, one-hot. Prints the rows and the peak of memory as JSON."""
import json
import resource
import sys

tool, source, out = sys.argv[1:4]
SCALED = ["amount", "quantity", "age", "weight", "score"]


def pandas_orders():
    import pandas as pd

    types = dict(order_id="int64", shop="string", channel="string", amount="float64", price="float64", quantity="float64", age="float64", weight="float64", score="float64")
    rows = pd.read_csv(source, dtype=types, parse_dates=["ordered"], engine="pyarrow").drop_duplicates()
    for name in ["amount", "quantity", "age"]:
        rows[name] = rows[name].fillna(rows[name].mean())
    rows["channel"] = rows["channel"].fillna("none")
    for name in ["amount", "weight"]:
        rows[name] = rows[name].clip(0, 500)
    for name in SCALED:
        rows[name] = ((rows[name] - rows[name].mean()) / rows[name].std(ddof=0)).astype("float32")
    low, high = rows["price"].min(), rows["price"].max()
    rows["price"] = ((rows["price"] - low) / (high - low)).astype("float32")
    made = pd.get_dummies(rows.drop(columns=["ordered"]), columns=["shop", "channel"], prefix_sep="=", dtype="float32")
    made.to_parquet(out, compression="zstd", index=False)
    return len(made)


def polars_orders():
    import polars as pl

    types = dict(order_id=pl.Int64, ordered=pl.Datetime, shop=pl.String, channel=pl.String, amount=pl.Float64, price=pl.Float64, quantity=pl.Int64, age=pl.Int64, weight=pl.Float64, score=pl.Float64)
    rows = pl.scan_csv(source, schema=types, try_parse_dates=True).unique(keep="first", maintain_order=True).collect(engine="streaming")
    rows = rows.with_columns(*[pl.col(name).fill_null(pl.col(name).mean()) for name in ["amount", "quantity", "age"]], pl.col("channel").fill_null("none"))
    rows = rows.with_columns(*[pl.col(name).clip(0, 500) for name in ["amount", "weight"]])
    price = pl.col("price")
    rows = rows.with_columns(*[((pl.col(name) - pl.col(name).mean()) / pl.col(name).std(ddof=0)).cast(pl.Float32) for name in SCALED], ((price - price.min()) / (price.max() - price.min())).cast(pl.Float32))
    made = rows.drop("ordered").to_dummies(["shop", "channel"], separator="=").with_columns(pl.selectors.matches("=").cast(pl.Float32))
    made.write_parquet(out, compression="zstd")
    return made.height


rows = dict(pandas=pandas_orders, polars=polars_orders)[tool]()
print(json.dumps(dict(rows=rows, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
