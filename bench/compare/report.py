"""The one table, and the JSON that the picture is drawn from."""
import datetime
import json
import math
import os
import platform
import subprocess
from pathlib import Path


def figure(value):
    """Three digits that count: 0.27, 8.4, 131, 514k, 1.2M."""
    if not math.isfinite(value):
        return "never" if value > 0 else "–"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            value, tail = value / (1e3 if letter == "k" else size), letter
            break
    else:
        tail = ""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{decimals}f}{tail}"


def load():
    return round(os.getloadavg()[0], 2)


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def commit(root):
    told = subprocess.run(["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude", "*"],
                          capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def machine(cores):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": processor(), "cores": os.cpu_count(), "pinned_to": list(cores),
            "memory_gib": round(memory / 2**30, 1), "system": platform.system() + " " + platform.release(),
            "isa": os.environ.get("PIGRAD_ISA", "chosen at start")}


def heading(root, command, cores, asked, present):
    """What is known before anything is measured."""
    return {"schema": 1, "command": command, "commit": commit(root),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "machine": machine(cores),
            "load_at_start": load(), "rounds": asked.rounds, "seeds": asked.seeds,
            "quick": asked.quick, "clock": "time that passed",
            "method": "contenders take turns, each in a pinned process of its own, the first turn untimed; median "
                      "(least–most), ratios round by round; update: both in one process, see bench/README.md",
            "python": platform.python_version(), "versions": dict(present.versions), "missing": dict(present.missing)}


def with_spread(found):
    return f"{figure(found['median'])} ({figure(found['min'])}–{figure(found['max'])})"


class Table:
    """Prints a line for each ratio as rows come in."""
    columns = (("work", 12), ("case", 22), ("contender", 10), ("its figure", 30), ("peer", 21), ("its figure", 30),
               ("times better", 22), ("aim", 8))

    def __init__(self):
        self.last = None

    def line(self, cells):
        padded = [str(cell).ljust(width - 1) for cell, (_, width) in zip(cells, self.columns)]
        print(" ".join(padded).rstrip(), flush=True)

    def heading(self, facts):
        versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        print(f"{facts['command']}\n{facts['commit']}, {facts['date']}, {facts['machine']['processor']}, "
              f"cores {facts['machine']['pinned_to']}, load {facts['load_at_start']}, {facts['rounds']} rounds, "
              f"{facts['seeds']} seeds\n{versions or 'no peers'}")
        for name, why in facts["missing"].items():
            print(f"without {name}: {why}")
        print()
        self.line([title for title, _ in self.columns])

    def row(self, row):
        compared = {ratio[key] for ratio in row["ratios"] for key in ("of", "to")}
        for ratio in row["ratios"]:
            ours, theirs = row["contenders"][ratio["of"]], row["contenders"][ratio["to"]]
            aim = ""
            if ratio["aim"] is not None:
                aim = f"{ratio['aim']:g} " + ("✓" if ratio["median"] >= ratio["aim"] else "✗")
            self.line(self.names(row) + [ratio["of"], self.measured(row, ours), ratio["to"], self.measured(row, theirs),
                                         with_spread(ratio), aim])
        for name, found in row["contenders"].items():
            if name not in compared:
                self.line(self.names(row) + [name, self.measured(row, found)])

    def names(self, row):
        """Work and case, said once."""
        now = (row["work"], row["case"])
        shown = ["", ""] if now == self.last else list(now)
        self.last = now
        return shown

    @staticmethod
    def measured(row, found):
        return f"{with_spread(found)} {row['unit']}"


def finite(value):
    """JSON has no infinity: null stands for never."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def write(folder, result):
    """Writes FOLDER/compare.json whole or not at all."""
    path = Path(folder) / "compare.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(json.dumps(finite(result), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    unfinished.rename(path)
    return path
