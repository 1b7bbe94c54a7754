"""Trains LightGBM on the rows that the trees' benchmark wrote, and prints wall and CPU seconds, binning included, as one line of JSON."""
import json
import resource
import sys
import time

import lightgbm
import numpy

path, rows, features, trees, threads = sys.argv[1], *map(int, sys.argv[2:6])
x = numpy.fromfile(f"{path}/x.f32", "<f4", count=rows * features).reshape(rows, features)
y = numpy.fromfile(f"{path}/y.u8", "u1", count=rows).astype("f4")
params = dict(objective="binary", num_leaves=31, max_bin=255, learning_rate=0.1, min_data_in_leaf=20, lambda_l2=1.0, num_threads=threads, verbose=-1, seed=1)


def clock():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


def auc(score):
    order = numpy.argsort(score, kind="stable")
    rank = numpy.empty(rows)
    rank[order] = numpy.arange(1, rows + 1)
    ones = y.sum()
    return float((rank[y > 0].sum() - ones * (ones + 1) / 2) / (ones * (rows - ones)))


began, cpu = clock()
data = lightgbm.Dataset(x, y, params=params)
model = lightgbm.train(params, data, trees)
ended, cpu_ended = clock()
print(json.dumps(dict(seconds=ended - began, cpu=cpu_ended - cpu, auc=auc(model.predict(x, num_threads=threads)), version=lightgbm.__version__)))
