"""What every peer's worker does: sets itself up, says so, and measures a round whenever it is told to.

The protocol, one line of JSON each: {"ready": FACTS} once, then {"value": FIGURE} for each line of input, until the
input ends.
"""
import argparse
import json
import sys
import time


def options(*works):
    """The command line: WORK [--threads N] [--copies N] [--epochs N] [--seed N]."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=works)
    for name in ("threads", "copies", "epochs", "seed"):
        parser.add_argument("--" + name, type=int, default=1)
    return parser.parse_args()


def serve(measure, **facts):
    """Calls measure() for each line of input; it returns the figure in its work's own unit."""
    print(json.dumps({"ready": facts}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"value": measure()}), flush=True)


def seconds_of(run):
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def solved(steps, score, confirmed):
    """The one line of a solver: environment steps, the mean of 20 greedy episodes, and that of the 100 after it."""
    print(json.dumps({"solved": score is not None, "steps": steps, "score": score, "confirmed": confirmed}), flush=True)
