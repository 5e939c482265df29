"""./pigrad bench: pigrad beside its peers on this machine, in one run: one table, JSON and a picture."""
import argparse
import os
import subprocess
import sys
from pathlib import Path

import peers
import report
from cases import Setting
from measure import Measurement
from words import Refusal, say
from works import WORKS

ROOT = Path(__file__).resolve().parents[2]


def parse(words):
    parser = argparse.ArgumentParser(prog="./pigrad bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("--list", action="store_true", help="what is measured, and with whom")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[work.name for work in WORKS],
                        help="these works alone")
    parser.add_argument("--peers", default="all", help="all, none, or names with commas between (--list has them)")
    parser.add_argument("--rounds", type=int, default=9, help="interleaved repeats (9)")
    parser.add_argument("--seeds", type=int, default=20, help="of the time to solve CartPole-v1 (20)")
    parser.add_argument("--out", help="folder of compare.json, .svg, .png: bench/results for a whole run with the "
                                      "mandatory peers, else build/bench/results")
    parser.add_argument("--cores", default=os.environ.get("PIGRAD_CORES"), metavar="N,N",
                        help="cores to be pinned to; the first two")
    parser.add_argument("--parity", action="store_true", help="compare gradients and loops with LibTorch's, and stop")
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the work, to see that everything runs")
    for peer in peers.PEERS:
        if peer.holds:
            parser.add_argument("--" + peer.name, metavar="FOLDER", default=os.environ.get(peer.variable),
                                help=f"sources of {peer.title}, with {peer.holds}: it is built from there")
    parser.add_argument("--full", action="store_true",
                        help="whole runs of the five systems (a PyTorch run takes minutes)")
    parser.add_argument("--build", metavar="DIR", help="a folder where the benchmarks are built already")
    asked = parser.parse_args(words)
    for name in ("rounds", "seeds"):
        if getattr(asked, name) < 1:
            raise Refusal("--" + name, "is less than 1", "give 1 or more")
    return asked


def show_list():
    for work in WORKS:
        print(f"{work.name:12} {work.words}")
    print("\npeers: " + ", ".join(f"{p.name}{' (mandatory)' if p.mandatory else ''}" for p in peers.PEERS))


def chosen_cores(text):
    there = sorted(os.sched_getaffinity(0))
    if not text:
        return there[:2]
    try:
        cores = [int(word) for word in text.split(",")]
    except ValueError:
        cores = []
    if not cores or not set(cores) <= set(there):
        raise Refusal("--cores", f"{text} are no cores of this process", f"choose from {','.join(map(str, there))}")
    return cores


def build(asked, present):
    """The folder of the built benchmarks."""
    if asked.build:
        return Path(asked.build).resolve()
    command = [str(ROOT / "pigrad"), "bench", "build"]
    if "libtorch" in present.versions:
        command.append("-DCMAKE_PREFIX_PATH=" + peers.torch_folder(present))
    command += [f"-D{peer.variable}={present.folders.get(peer.name, '')}" for peer in peers.PEERS if peer.holds]
    if subprocess.run(command, stdout=sys.stderr).returncode:
        raise Refusal("build", "the benchmarks do not build", "see the lines above")
    return ROOT / "build"


def parity(programs, briefly):
    """Whether gradients and loops are LibTorch's: the programs name the first tensor that differs."""
    lines, same = [], True
    for name in ("bench_libtorch", "bench_libtorch_training"):
        done = subprocess.run([str(programs / name), "--parity"], stdout=subprocess.PIPE, text=True)
        lines += done.stdout.splitlines()
        same = done.returncode == 0 and same
    if same and briefly:
        say(f"pigrad and LibTorch compute the same in {len(lines)} comparisons (--parity shows them)")
    else:
        print("\n".join(lines), flush=True)
    return same


def where(asked, present, complete):
    if asked.out:
        return Path(asked.out)
    return ROOT / "bench" / "results" if complete else ROOT / "build" / "bench" / "results"


def draw(build_folder, path):
    program = build_folder / "bench" / "bench_picture"
    if not program.exists():
        say("no picture: bench_picture is not built (it needs the program's libraries)")
    elif subprocess.run([str(program), str(path)]).returncode:
        say("no picture could be drawn")


def run(words):
    asked = parse(words)
    if asked.list:
        show_list()
        return 0
    wanted = [peers.BY_NAME["libtorch"]] if asked.parity else peers.chosen(asked.peers)
    cores = chosen_cores(asked.cores)
    present = peers.prepare(wanted, ROOT / "build", vars(asked))
    folder = build(asked, present)
    programs = folder / "bench"
    if "libtorch" in present.versions and not (programs / "bench_worker_libtorch").exists():
        present.drop("libtorch", f"the benchmarks in {folder} were built without it")
    for name in list(present.folders):
        program = peers.BY_NAME[name].program
        if not (programs / program).exists():
            present.drop(name, f"{program} is not in {programs}: the lines of the build say why")
    present.require_mandatory(wanted)
    if asked.parity:
        return 0 if parity(programs, briefly=False) else 1

    if asked.quick:
        asked.rounds, asked.seeds = min(asked.rounds, 2), 1
    if "libtorch" in present.versions and not parity(programs, briefly=True):
        raise Refusal("parity", "pigrad and LibTorch do not compute the same", "nothing is timed until they do")
    setting = Setting(programs, present.python, 0.02 if asked.quick else 1.0, asked.full, peers.onnx_library(present))
    facts = report.heading(ROOT, " ".join(["./pigrad bench", *words]), cores, asked, present)
    table = report.Table()
    table.heading(facts)
    measurement = Measurement(setting, present, cores, asked.rounds, asked.seeds)
    rows = []
    for work in WORKS:
        if not asked.only or work.name in asked.only:
            for row in measurement.rows(work):
                table.row(row)
                rows.append(row)
    complete = not asked.only and not asked.quick and peers.all_mandatory(present)
    facts |= {"load_at_end": report.load(), "left_out": measurement.left_out, "complete": complete}
    path = report.write(where(asked, present, complete), facts | {"rows": rows})
    say(f"kept in {path}" if complete else f"written to {path}; a kept result is a whole run with the mandatory peers")
    draw(folder, path)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:]))
    except Refusal as refusal:
        print(f"bench: {refusal}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
