"""Runs cases into rows: samples of each contender, and ratios round by round."""
import json
import math
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from peers import BY_NAME
from report import load
from words import Refusal, say
from workers import WorkerFailed, interleave, pinned, surroundings, time_to_line


def spread(samples):
    return {"median": statistics.median(samples), "min": min(samples), "max": max(samples)}


def ratio(ours, theirs, less_is_better):
    """How many times better ours is."""
    top, bottom = (theirs, ours) if less_is_better else (ours, theirs)
    if math.isinf(top):
        return math.inf if math.isfinite(bottom) else math.nan
    return top / bottom if bottom else math.inf


def ratios(case, samples):
    found = []
    for ours, theirs, aim in case.ratios:
        if ours in samples and theirs in samples:
            each = [ratio(a, b, case.less_is_better) for a, b in zip(samples[ours], samples[theirs])]
            # Where neither ever got there nobody was better.
            each = [times for times in each if not math.isnan(times)]
            if each:
                found.append({"of": ours, "to": theirs, "aim": aim, **spread(each)})
    return found


class Measurement:
    """Runs works on these cores with the peers that are there."""

    def __init__(self, setting, present, cores, rounds, seeds):
        self.setting, self.present, self.cores, self.rounds, self.seeds = setting, present, cores, rounds, seeds
        self.left_out = []

    def can_run(self, contender):
        if contender.threads > len(self.cores):
            self.note(contender, f"needs {contender.threads} cores")
            return False
        return contender.peer is None or contender.peer in self.present.versions

    def note(self, contender, why):
        say(f"{contender.name} left out: {why}")
        self.left_out.append({"contender": contender.name, "why": why})

    def leave_out(self, contender, why):
        """One that failed. Ends the run if it is pigrad, or if nothing can be kept without it."""
        self.note(contender, why)
        if contender.peer is None and not contender.needed:
            return
        if contender.peer is None:
            raise Refusal("pigrad", f"its own worker failed: {why}", "build the benchmarks again: ./pigrad bench build")
        peer = BY_NAME[contender.peer]
        if peer.mandatory:
            self.present.drop(peer.name, why)
            self.present.require_mandatory([peer])

    def row(self, work, case, contenders, samples, facts):
        return {"work": work.name, "case": case.title, "unit": case.unit, "less_is_better": case.less_is_better,
                "load": load(), "settings": case.settings,
                "contenders": {c.name: {"threads": c.threads, **facts.get(c.name, {}), **spread(samples[c.name]),
                                        "samples": samples[c.name]} for c in contenders if c.name in samples},
                "ratios": ratios(case, samples)}

    def rows(self, work):
        """The work's rows, one by one as they are measured."""
        if work.check:
            self.check(work)
        yield from getattr(self, work.kind)(work)

    def check(self, work):
        """Ends the run if the work's peer does not compute the same."""
        peer, command = work.check(self.setting)
        if peer not in self.present.versions:
            return
        done = subprocess.run(command, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        if done.returncode:
            differing = [line for line in lines if "DIFFERS" in line] or done.stderr.strip().split("\n")[-1:]
            raise Refusal(work.name, f"{BY_NAME[peer].title} does not compute the same: {differing[0]}",
                          "nothing of it is timed until it does: " + " ".join(command))
        say(f"{work.name}: pigrad and {BY_NAME[peer].title} compute the same in {len(lines)} comparisons")

    def race(self, work):
        for case in work.cases(self.setting):
            contenders = [c for c in case.contenders if self.can_run(c)]
            samples, facts = interleave(contenders, min(self.rounds, work.rounds), self.cores, self.leave_out)
            if samples:
                yield self.row(work, case, contenders, samples, facts)

    def solve(self, work):
        """A process a seed; one that does not solve it counts as never."""
        for case in work.cases(self.setting):
            contenders = [c for c in case.contenders if self.can_run(c)]
            samples, facts = {c.name: [] for c in contenders}, {c.name: {"steps": [], "solved": 0} for c in contenders}
            for seed in range(1, self.seeds + 1):
                for contender in [c for c in contenders if c.name in samples]:
                    try:
                        seconds, line = time_to_line(contender, seed, self.cores)
                    except WorkerFailed as failure:
                        samples.pop(contender.name)
                        self.leave_out(contender, str(failure))
                        continue
                    samples[contender.name].append(seconds if line["solved"] else math.inf)
                    facts[contender.name]["steps"].append(line["steps"])
                    facts[contender.name]["solved"] += bool(line["solved"])
            yield self.row(work, case, contenders, samples, facts)

    def update(self, work):
        """One program races both in its own process, gradients compared first."""
        cases = {case.title: case for case in work.cases(self.setting)}
        contender = next(iter(cases.values())).contenders[0]
        if not self.can_run(contender):
            return
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(pinned(contender, self.cores) + ["--rounds", str(self.rounds), "--out", folder],
                                  capture_output=True, text=True, env=surroundings(contender))
            if done.returncode:
                raise Refusal("update", done.stderr.strip() or "it failed", "see ./pigrad bench --parity")
            rows = json.loads((Path(folder) / "libtorch.json").read_text())["rows"]
        for row in rows:
            case = cases[row["case"]]
            values = {name: {"threads": 1, **value} for name, value in row["values"].items()}
            found = [{"of": "pigrad", "to": name, "aim": case.ratios[0][2] if name == "LibTorch" else None,
                      **row["ratios"][f"{name} / pigrad"]} for name in values if name != "pigrad"]
            yield {"work": work.name, "case": case.title, "unit": case.unit, "less_is_better": True, "load": load(),
                   "settings": {}, "contenders": values, "ratios": found}
