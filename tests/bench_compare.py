"""bench_compare.py BUILD: the comparison of ./pigrad bench without peers, its refusals, and its workers' turns."""
import json
import math
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

root = Path(__file__).resolve().parents[1]
build = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(root / "bench" / "compare"))

import cases  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import workers  # noqa: E402
from words import Refusal  # noqa: E402


def bench(*words, **variables):
    return subprocess.run([sys.executable, str(root / "bench" / "compare"), *words], capture_output=True, text=True,
                          env={**os.environ, **variables})


def check_refusals(folder):
    # An interpreter without any packages.
    bare = folder / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    lacking = bench("--build", str(build), "--peers", "all", "--quick", PIGRAD_BENCH_PYTHON=str(bare))
    assert lacking.returncode == 2, lacking
    for word in ("results are not kept without", "LibTorch", "Stable-Baselines3", "JAX", "--peers none"):
        assert word in lacking.stderr, lacking.stderr
    assert "EnvPool" not in lacking.stderr and lacking.stdout == "", lacking
    for words in (("--peers", "torch"), ("--rounds", "0"), ("--cores", "9999"), ("--only", "nothing"),
                  ("--rltools", str(folder), "--peers", "rltools")):
        refused = bench("--build", str(build), *words)
        assert refused.returncode == 2 and words[0].strip("-") in refused.stderr, refused
    wrong = bench("--build", str(build), "--peers", "pufferlib", PIGRAD_PUFFERLIB=str(folder))
    assert wrong.returncode == 2 and "--pufferlib" in wrong.stderr and "cartpole.h" in wrong.stderr, wrong
    nowhere = bench("--build", str(build), "--peers", "jax", PIGRAD_BENCH_PYTHON=str(folder / "none"))
    assert nowhere.returncode == 2 and "PIGRAD_BENCH_PYTHON" in nowhere.stderr, nowhere


def check_run(folder):
    done = bench("--build", str(build), "--peers", "rltools,pufferlib", "--only", "stepping", "loop", "observation",
                 "systems", "pendulum", "--quick", "--out", str(folder / "out"), PIGRAD_RLTOOLS="", PIGRAD_PUFFERLIB="")
    assert done.returncode == 0, done.stderr
    result = json.loads((folder / "out" / "compare.json").read_text())
    for key in ("command", "commit", "date", "machine", "versions", "missing", "load_at_start", "load_at_end"):
        assert key in result, key
    assert result["rounds"] == 2 and result["complete"] is False
    # Nobody named their folders.
    assert sorted(result["missing"]) == ["pufferlib", "rltools"] and "--rltools" in result["missing"]["rltools"], result
    assert "without pufferlib" in done.stdout, done.stdout
    rows = {row["case"]: row for row in result["rows"]}
    left_out = [one for one in result["left_out"] if "MuJoCo" in one["why"]]
    five = ["1 REINFORCE", "1 A2C", "2 CartPole-v0", "2 swing-up", "3 Sutton and Barto", "4 pendulum",
            "4 with a baseline", "5 VPG", "5 lookahead"]
    assert [case for case in rows if case not in five] == [
        "A2C 64 × 16", "PPO 64 × 128, 4 × 4", "PPO 4 × 1024, 2 × 16", "1024 copies", "8192 copies", "one observation"]
    # System 4 is left out where this build has no MuJoCo, and nothing else is.
    assert [case for case in five if case in rows or left_out and case[0] == "4"] == five, result["left_out"]
    assert rows["5 VPG"]["settings"]["recipe"] == "recipes/vpg-cartpole.source.yaml"
    for case in ("1024 copies", "8192 copies", "one observation"):
        row = rows[case]
        ours = row["contenders"]["pigrad"]
        assert row["ratios"] == [] and ours["threads"] == 1 and len(ours["samples"]) == 2, row
        assert 0 < ours["min"] <= ours["median"] <= ours["max"] and ours["memory_mib"] > 1, row
        assert row["case"] in done.stdout, done.stdout
    assert [path.name for path in (folder / "out").glob("*.part")] == []
    loops = rows["A2C 64 × 16"]
    if len(result["machine"]["pinned_to"]) == 1:
        assert loops["ratios"] == [] and result["left_out"][0] == {"contender": "pigrad ×2", "why": "needs 2 cores"}
        return
    (scaling,) = loops["ratios"]
    assert (scaling["of"], scaling["to"], scaling["aim"]) == ("pigrad ×2", "pigrad ×1", 1.85), scaling
    if (build / "bench" / "bench_picture").exists():
        assert ElementTree.parse(folder / "out" / "compare.svg").getroot().tag.endswith("svg")
        assert (folder / "out" / "compare.png").read_bytes().startswith(b"\x89PNG")


def check_solve(folder):
    done = bench("--build", str(build), "--peers", "none", "--only", "solve", "returns", "--quick", "--out",
                 str(folder / "solve"))
    assert done.returncode == 0, done.stderr
    pendulum, row = json.loads((folder / "solve" / "compare.json").read_text())["rows"]
    assert pendulum["case"] == "above −200" and pendulum["contenders"]["pigrad"]["steps"][0] % 4096 == 0, pendulum
    ours = row["contenders"]["pigrad"]
    assert ours["solved"] == 1 and ours["steps"][0] % 2048 == 0 and 0 < ours["median"] < 600, row


def fake(name, script):
    return cases.Contender(name, None, [sys.executable, "-c", script])


def check_turns():
    counting = """
import json, sys
print("a line that is not of the protocol")
print(json.dumps({"ready": {"version": "7"}}), flush=True)
for turn, _ in enumerate(sys.stdin):
    print(json.dumps({"value": START + turn}), flush=True)
    if turn == LAST: raise SystemExit("it broke")
"""
    lost = []
    contenders = [fake("sound", counting.replace("START", "10").replace("LAST", "99")),
                  fake("breaks", counting.replace("START", "0").replace("LAST", "1")),
                  fake("never", "raise SystemExit('no such module')")]
    samples, facts = workers.interleave(contenders, 3, sorted(os.sched_getaffinity(0)),
                                        lambda contender, why: lost.append((contender.name, why)))
    # The first turn is not counted.
    assert samples == {"sound": [11, 12, 13]}, samples
    assert facts["sound"]["version"] == "7" and facts["sound"]["memory_mib"] > 1
    assert lost == [("never", "no such module"), ("breaks", "it broke")], lost


def check_left_out():
    """A contender that pigrad can do without, and a peer that does not compute the same."""
    present = peers.Present(sys.executable, {"pytorch": "1"})
    measurement = measure.Measurement(None, present, sorted(os.sched_getaffinity(0)), 1, 1)
    broken = fake("pigrad ×1", "raise SystemExit('this build has no MuJoCo')")
    broken.needed = False
    case = cases.Case("4", "steps/s", [broken], [])
    assert list(measurement.rows(cases.Work("systems", "", lambda setting: [case]))) == []
    assert measurement.left_out == [{"contender": "pigrad ×1", "why": "this build has no MuJoCo"}]
    broken.needed = True
    differs = "print('a: same'); print('b: DIFFERS'); raise SystemExit(1)"
    other = cases.Work("systems", "", lambda setting: [],
                       check=lambda setting: ("pytorch", [sys.executable, "-c", differs]))
    for refused, what in ((cases.Work("systems", "", lambda setting: [case]), "no MuJoCo"), (other, "b: DIFFERS")):
        try:
            list(measurement.rows(refused))
        except Refusal as refusal:
            assert what in str(refusal), refusal
        else:
            raise AssertionError(what)
    present.drop("pytorch", "not asked for")
    assert list(measurement.rows(other)) == []


def check_folders(folder):
    """Sources that a user names: their release, and the library inside ONNX Runtime's package."""
    (folder / "PKG-INFO").write_text("Name: rltools\nVersion: 2.2.1\n")
    (folder / "deep" / "inside").mkdir(parents=True)
    assert peers.release(folder / "deep" / "inside") == "2.2.1"
    assert peers.absent(sys.executable, peers.Peer("x", "X", "no-such-package", beside=("pip",))) == "no-such-package"
    worker = build / "bench" / "bench_worker_onnx"
    if worker.exists():
        lacking = subprocess.run([str(worker), "observation"], capture_output=True, text=True,
                                 env={**os.environ, "PIGRAD_ONNX_LIBRARY": str(folder / "none.so")})
        assert lacking.returncode == 2 and "PIGRAD_ONNX_LIBRARY" in lacking.stderr, lacking


def check_scaling(folder):
    program = build / "bench" / "bench_scaling"
    if not program.exists():
        return
    out = folder / "deep" / "curves"
    done = subprocess.run([str(program), "--rounds", "1", "--seconds", "0.001", "--sizes", "16", "--threads", "1",
                           "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads((out / "scaling.json").read_text())["rows"]
    assert [row["case"] for row in rows][:3] == ["width 16", "batch 1", "batch 4"], rows
    for curve in ("width", "batch", "stepping", "loop"):
        assert ElementTree.parse(out / f"scaling-{curve}.svg").getroot().tag.endswith("svg")


def check_sizes():
    refused = subprocess.run([sys.executable, str(root / "bench" / "sizes.py"), "--rounds", "0"], capture_output=True,
                             text=True)
    assert refused.returncode == 2 and "--rounds" in refused.stderr, refused
    listed = subprocess.run([str(root / "bench" / "run"), "list"], capture_output=True, text=True)
    assert "sizes" in listed.stdout.split() and "worker_pigrad" not in listed.stdout, listed


def check_figures():
    case = cases.Case("", "s", [], [("a", "b", 2)], less_is_better=True)
    (found,) = measure.ratios(case, {"a": [1.0, 2.0, 1.0], "b": [4.0, 4.0, math.inf]})
    assert found == {"of": "a", "to": "b", "aim": 2, "median": 4.0, "min": 2.0, "max": math.inf}, found
    case.less_is_better = False
    (found,) = measure.ratios(case, {"a": [6.0], "b": [4.0]})
    assert found["median"] == 1.5
    assert measure.ratios(case, {"a": [6.0]}) == []
    never = cases.Case("", "s", [], [("a", "b", None)], less_is_better=True)
    assert measure.ratios(never, {"a": [math.inf], "b": [math.inf]}) == []
    assert [report.figure(x) for x in (0.2731, 8.44, 12.31, 514.2, 51400, 1.2e6, 5.1e8, math.inf)] == [
        "0.27", "8.44", "12.3", "514", "51.4k", "1.20M", "510M", "never"]
    assert report.finite({"x": [math.inf, 1.23456789, 3, "y"]}) == {"x": [None, 1.23457, 3, "y"]}


with tempfile.TemporaryDirectory() as made:
    here = Path(made)
    check_figures()
    check_turns()
    check_left_out()
    check_folders(here)
    check_scaling(here)
    check_sizes()
    check_refusals(here)
    check_run(here)
    check_solve(here)
