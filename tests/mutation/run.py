#!/usr/bin/env python3
"""Mutation: each fault of mutants.py is put in, one at a time, and some test has to fail.

run.py [--build FOLDER] [--only WORDS] [--jobs N] [--table FILE]

All faults are compiled into one copy of the sources, each behind a condition that PIGRAD_MUTANT=NUMBER makes true, so
that one build serves them all. Ends with status 1 if a fault survives, or if a test fails with none put in.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = """#pragma once
#include <stdlib.h>
namespace pigrad_mutation {
inline const int chosen = [] {
  const char* number = getenv("PIGRAD_MUTANT");
  return number == nullptr ? 0 : atoi(number);
}();
inline bool on(int number) { return chosen == number; }
}  // namespace pigrad_mutation
"""
LIMIT = 120  # seconds; a fault that makes a test run on has been seen by it


def sources(copy):
    """The house as git sees it, edits included."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().splitlines():
        if name.split("/")[0] in ("docs", "bench", "recipes") or not (ROOT / name).is_file():
            continue
        to = copy / name
        to.parent.mkdir(parents=True, exist_ok=True)
        if not to.exists() or to.stat().st_mtime != (ROOT / name).stat().st_mtime:
            shutil.copy2(ROOT / name, to)


def planted(all_mutants, copy):
    """Writes every fault into the copy. An expression with several faults has one condition inside the other."""
    spots = {}
    for m in all_mutants:
        if m["text"].count("«") != 1 or m["text"].count("»") != 1:
            sys.exit(f"mutants.py: {m['file']}: not one «…» in {m['text']!r}")
        before, rest = m["text"].split("«")
        inside, after = rest.split("»")
        content = (ROOT / m["file"]).read_text()
        if content.count(before + inside + after) != 1:
            sys.exit(f"mutants.py: {m['file']}: {content.count(before + inside + after)} times {m['text']!r}")
        begin = content.index(before + inside + after) + len(before)
        m["line"], m["was"] = content.count("\n", 0, begin) + 1, " ".join(inside.split())
        spots.setdefault(m["file"], {}).setdefault((begin, begin + len(inside)), []).append(m)
    for name, places in spots.items():
        content = (ROOT / name).read_text()
        inner = {}
        for (begin, end), mutants in sorted(places.items(), key=lambda p: (p[0][1] - p[0][0], p[0][0])):
            # A place inside another one is planted in that one's text.
            text, cut = content[begin:end], 0
            for (b, e), done in sorted(inner.items(), reverse=True):
                if begin <= b and e <= end:
                    text = text[: b - begin] + done + text[e - begin :]
                    del inner[(b, e)]
            for m in mutants:
                text = f"(pigrad_mutation::on({m['number']}) ? ({m['instead']}) : ({text}))"
            inner[(begin, end)] = text
        for (begin, end), text in sorted(inner.items(), reverse=True):
            content = content[:begin] + text + content[end:]
        (copy / name).write_text(content)
    (copy / "mutation.hpp").write_text(HEADER)


def failing(build, tests, number, only_first=True):
    """Names of tests that fail under a fault."""
    found = []
    for test in tests:
        environment = dict(os.environ, PIGRAD_MUTANT=str(number))
        try:
            run = subprocess.run([build / "tests" / f"test_{test}"], env=environment, capture_output=True,
                                 timeout=LIMIT, cwd=build)
            bad = run.returncode != 0
        except subprocess.TimeoutExpired:
            bad = True
        if bad:
            found.append(test)
            if only_first:
                break
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=ROOT / "build-mutation", type=pathlib.Path)
    parser.add_argument("--only", default="", help="groups or files whose name has this")
    parser.add_argument("--jobs", default=os.cpu_count())
    parser.add_argument("--table", type=pathlib.Path, help="the result as a table of Markdown")
    parser.add_argument("--plant-only", action="store_true", help="write the sources, and build nothing")
    asked = parser.parse_args()
    everything, number = [], 0
    for group, tests, mutants in MUTANTS:
        for file, text, instead in mutants:
            number += 1
            everything.append({"number": number, "group": group, "file": file, "text": text, "instead": instead,
                               "tests": tests.split()})
    copy, build = asked.build / "source", asked.build / "build"
    copy.mkdir(parents=True, exist_ok=True)
    sources(copy)
    planted(everything, copy)
    if asked.plant_only:
        return
    chosen = [m for m in everything if asked.only in m["group"] or asked.only in m["file"]]
    tests = sorted({t for m in chosen for t in m["tests"]})
    flags = f"-O1 -include {copy}/mutation.hpp"
    options = ["APP", "EXAMPLES", "BENCH", "INSTALL", "WARN"]
    subprocess.run(["cmake", "-S", copy, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DPIGRAD_MUJOCO=OFF",
                    f"-DCMAKE_CXX_FLAGS_DEBUG={flags}", *[f"-DPIGRAD_{o}=OFF" for o in options]], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build, f"-j{asked.jobs}", *[f"test_{t}" for t in tests]], check=True)
    if broken := failing(build, tests, 0, only_first=False):
        sys.exit(f"with no fault put in, these fail: {' '.join(broken)}")
    survivors, lines, began = 0, [], time.time()
    for m in chosen:
        seen = failing(build, m["tests"], m["number"])
        survivors += not seen
        verdict = seen[0] if seen else "**survives**"
        print(f"{m['number']:4} {m['file']}:{m['line']}: {m['was']} -> {m['instead']}: {verdict}", flush=True)
        was = m["was"].replace("|", "\\|")
        lines.append(f"| {m['group']} | `{m['file']}` | `{was}` | `{m['instead']}` | {verdict} |")
    print(f"{len(chosen)} faults, {survivors} not seen, in {time.time() - began:.0f} s")
    if asked.table:
        head = "| what | file | instead of | stands | seen by |\n|---|---|---|---|---|\n"
        asked.table.write_text(head + "\n".join(lines) + "\n")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
