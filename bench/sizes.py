"""./pigrad bench sizes: what the library costs to build, to carry and to start.

Builds pigrad_rl from nothing without ccache on two cores; against it examples/consumer as one static, stripped file;
and runs both that and the program. Writes sizes.json where --out says.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench" / "compare"))

from report import commit, load, processor  # noqa: E402
from words import Refusal  # noqa: E402

LIBRARIES = ("rl", "nn", "env", "core")


def called(command, **options):
    """Runs it quietly; its last lines say why it failed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().split("\n")[-12:])
        raise Refusal(" ".join(str(word) for word in command[:3]), f"it failed:\n{last}", "mend that")
    return done.stdout


def build_library(folder, jobs):
    """Seconds to compile and archive pigrad_rl and what it links, from nothing, without ccache; of time that passed and
    of processors' time."""
    called(["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
            *(f"-DPIGRAD_{part}=OFF" for part in ("APP", "TESTS", "EXAMPLES", "BENCH", "INSTALL", "MUJOCO"))])
    begin, used = time.perf_counter(), processor_seconds()
    called(["cmake", "--build", folder, "--target", "pigrad_rl", "-j", jobs],
           env={**os.environ, "CCACHE_DISABLE": "1"})
    return time.perf_counter() - begin, processor_seconds() - used


def processor_seconds():
    """Of the processes that have ended."""
    return os.times().children_user + os.times().children_system


def link(folder, source, program):
    """One static, stripped file."""
    openmp = "PIGRAD_OPENMP:STRING=OFF" not in (folder / "CMakeCache.txt").read_text()
    called(["g++", "-std=c++20", "-O2", "-ffunction-sections", "-static", "-s", "-Wl,--gc-sections", source,
            "-o", program, f"-I{folder / 'include'}", *(folder / one / f"libpigrad_{one}.a" for one in LIBRARIES),
            *(["-fopenmp"] if openmp else [])])
    return program.stat().st_size


def median_run(held, command, times):
    """Medians of so many runs, and the least and most of the seconds, after one that does not count."""
    seconds, memory = [], []
    for turn in range(times + 1):
        took, most, status = called([held, *command]).split()
        if status != "0":
            raise Refusal(str(command[0]), f"it ended with status {status}", "run it to see why")
        if turn:
            seconds.append(float(took)), memory.append(int(most))
    return {"milliseconds": 1e3 * statistics.median(seconds), "least": 1e3 * min(seconds), "most": 1e3 * max(seconds),
            "memory_mib": statistics.median(memory) / 1024}


def words_of(found):
    spread = f"{found['milliseconds']:.2f} ({found['least']:.2f}–{found['most']:.2f}) ms"
    return f"{spread}, {found['memory_mib']:.1f} MiB at most"


def program_of(asked):
    """The built command-line program, or None."""
    for place in (Path(asked.build) / "pigrad", Path(asked.build) / "app" / "pigrad"):
        if place.is_file() and os.access(place, os.X_OK):
            return place
    return None


def measure(asked):
    rows = []

    def row(what, found, words, aim=None, met=None):
        rows.append({"what": what, **found, **({"aim": aim, "met": met} if aim else {})})
        print(f"{what:42} {words}" + (f"   aim {aim} {'✓' if met else '✗'}" if aim else ""), flush=True)

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        seconds, busy = build_library(folder / "build", asked.jobs)
        row(f"building the library, {asked.jobs} cores, no ccache", {"seconds": seconds, "processor_seconds": busy},
            f"{seconds:.1f} s, {busy:.1f} s of processors' time", "60 s", seconds < 60)
        for name in reversed(LIBRARIES):
            size = (folder / "build" / name / f"libpigrad_{name}.a").stat().st_size
            row(f"libpigrad_{name}.a", {"bytes": size}, f"{size / 2**20:.2f} MiB")
        held = folder / "held"
        called(["g++", "-O2", "-static", "-s", ROOT / "bench" / "held.cpp", "-o", held])
        size = link(folder / "build", ROOT / "examples" / "consumer" / "main.cpp", folder / "consumer")
        row("examples/consumer, static and stripped", {"bytes": size}, f"{size / 2**20:.2f} MiB")
        found = median_run(held, [folder / "consumer"], asked.rounds)
        row("it, training CartPole-v1 until solved", found, words_of(found))
        link(folder / "build", ROOT / "bench" / "ready.cpp", folder / "ready")
        found = median_run(held, [folder / "ready"], 4 * asked.rounds)
        row("start to first action, static", found, words_of(found))
        program = program_of(asked)
        if program is None:
            print(f"no program in {asked.build}, so its start is left out; ./pigrad build makes it")
        else:
            found = median_run(held, [program, "--version"], 4 * asked.rounds)
            row("the program: pigrad --version", {**found, "bytes": program.stat().st_size},
                words_of(found) + f", {program.stat().st_size / 2**20:.1f} MiB file")
    return rows


def main():
    parser = argparse.ArgumentParser(prog="./pigrad bench sizes", description=__doc__)
    parser.add_argument("--out", help="folder of sizes.json")
    parser.add_argument("--rounds", type=int, default=9, help="runs of the example; four times as many of starts")
    parser.add_argument("--jobs", type=int, default=2, help="of the build (2)")
    parser.add_argument("--build", default=str(ROOT / "build"), help="where the program is built")
    asked = parser.parse_args()
    if min(asked.rounds, asked.jobs) < 1:
        raise Refusal("--rounds, --jobs", "less than 1", "give 1 or more")
    facts = {"command": " ".join(["./pigrad bench sizes", *sys.argv[1:]]), "commit": commit(ROOT),
             "date": time.strftime("%Y-%m-%d", time.gmtime()), "processor": processor(), "load at start": load(),
             "compiler": called(["g++", "--version"]).split("\n")[0]}
    print("\n".join(f"{key}: {value}" for key, value in facts.items()) + "\n")
    rows = measure(asked)
    if asked.out:
        Path(asked.out).mkdir(parents=True, exist_ok=True)
        text = json.dumps({**facts, "rows": rows}, indent=1, ensure_ascii=False)
        (Path(asked.out) / "sizes.json").write_text(text + "\n")


if __name__ == "__main__":
    try:
        main()
    except Refusal as refusal:
        print(f"bench: {refusal}", file=sys.stderr)
        sys.exit(2)
