"""Statistics over seeds by NumPy and SciPy, for tests/app_statistics.cpp.

Made with Python 3.11, NumPy 2.4.6 and SciPy 1.17.1: python make_statistics.py writes statistics.json beside this file.
The interquartile mean is scipy.stats.trim_mean(x, 0.25), as rliable defines it, and an interval the percentiles of a
stratified bootstrap. The draws are keyed: Threefry2x32-20 is written here once more, from its paper.
"""

import json
import pathlib

import numpy as np
from scipy import stats

MASK = np.uint64(0xFFFFFFFF)
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def threefry(key, counter):
    """Both are pairs of arrays of 32-bit words held in 64 bits."""
    keys = [np.uint64(key[0]), np.uint64(key[1])]
    keys.append(np.uint64(0x1BD11BDA) ^ keys[0] ^ keys[1])
    x = (counter[0].astype(np.uint64) + keys[0]) & MASK
    y = (counter[1].astype(np.uint64) + keys[1]) & MASK
    for r in range(20):
        x = (x + y) & MASK
        turn = np.uint64(ROTATIONS[r % 8])
        y = ((y << turn) | (y >> (np.uint64(32) - turn))) & MASK
        y = y ^ x
        if r % 4 == 3:
            step = r // 4 + 1
            x = (x + keys[step % 3]) & MASK
            y = (y + keys[(step + 1) % 3] + np.uint64(step)) & MASK
    return x, y


def uniforms(seed, stream, high, low):
    """53-bit uniforms of the bootstrap's draws."""
    purpose, salt = 16, 0x70696772
    one = np.array([purpose]), np.array([salt])
    k0, k1 = (int(word[0]) for word in threefry((seed & 0xFFFFFFFF, seed >> 32), one))
    a, b = threefry((k0, (k1 + high * 0x9E3779B9) & 0xFFFFFFFF), (stream, np.full_like(stream, low)))
    return ((a << np.uint64(32)) | b).__rshift__(np.uint64(11)).astype(np.float64) * 2.0**-53


def interval(strata, statistic, seed, repeats, confidence):
    stream = np.arange(repeats, dtype=np.uint64)
    drawn = []
    for s, stratum in enumerate(strata):
        values = np.asarray(stratum)
        columns = [values[(uniforms(seed, stream, s, i) * len(values)).astype(int)] for i in range(len(values))]
        drawn.append(np.stack(columns, axis=1))
    results = [statistic([d[r] for d in drawn]) for r in range(repeats)]
    tail = 100 * (1 - confidence) / 2
    return list(np.percentile(results, [tail, 100 - tail]))


def iqm(strata):
    return float(stats.trim_mean(np.concatenate(strata), 0.25))


def difference(strata):
    return float(stats.trim_mean(strata[1], 0.25) - stats.trim_mean(strata[0], 0.25))


def mean(strata):
    return float(np.mean(np.concatenate(strata)))


source = np.random.default_rng(20210830)
cases = []
for sizes in ([1], [2], [3], [4], [5], [7], [10], [23], [5, 5], [10, 7, 4]):
    strata = [list(np.round(source.normal(300 + 50 * k, 80, n), 3)) for k, n in enumerate(sizes)]
    every = np.concatenate(strata)
    seed, repeats, confidence = len(cases) + (5 << 32), 400, 0.95 if len(cases) % 2 == 0 else 0.8
    case = {
        "strata": strata,
        "seed": seed,
        "repeats": repeats,
        "confidence": confidence,
        "mean": mean(strata),
        "deviation": float(np.std(every, ddof=1)) if len(every) > 1 else None,
        "quantiles": list(np.quantile(every, [0, 0.1, 0.25, 0.5, 0.75, 1])),
        "iqm": iqm(strata),
        "iqm_interval": interval(strata, iqm, seed, repeats, confidence),
        "mean_interval": interval(strata, mean, seed, repeats, confidence),
    }
    if len(sizes) == 2:
        case["difference_interval"] = interval(strata, difference, seed, repeats, confidence)
    cases.append(case)
pathlib.Path(__file__).with_name("statistics.json").write_text(json.dumps(cases, indent=1) + "\n")
