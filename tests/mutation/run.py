#!/usr/bin/env python3
"""Mutation: each fault of mutants.py is put in, one at a time, and some test has to fail.

run.py [--build FOLDER] [--only WORDS] [--missing] [--jobs N] [--table FILE]

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
LIMIT = 600  # seconds; a fault that makes a test run on has been seen by it


def sources():
    """The house as git sees it, edits included: bytes by path."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    names = [n for n in listed.stdout.decode().splitlines() if n.split("/")[0] not in ("docs", "bench", "recipes")]
    return {name: (ROOT / name).read_bytes() for name in names if (ROOT / name).is_file()}


def write(copy, files):
    """Only what differs, so that a second build is short."""
    for name, content in files.items():
        to = copy / name
        if not to.exists() or to.read_bytes() != content:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content)


def plant(all_mutants, files):
    """Puts every fault in. An expression with several faults has one condition inside the other."""
    spots = {}
    for m in all_mutants:
        if m["text"].count("«") != 1 or m["text"].count("»") != 1:
            sys.exit(f"mutants.py: {m['file']}: not one «…» in {m['text']!r}")
        before, rest = m["text"].split("«")
        inside, after = rest.split("»")
        content = files[m["file"]].decode()
        if content.count(before + inside + after) != 1:
            sys.exit(f"mutants.py: {m['file']}: {content.count(before + inside + after)} times {m['text']!r}")
        begin = content.index(before + inside + after) + len(before)
        m["line"], m["was"] = content.count("\n", 0, begin) + 1, " ".join(inside.split())
        spots.setdefault(m["file"], {}).setdefault((begin, begin + len(inside)), []).append(m)
    for name, places in spots.items():
        content = files[name].decode()
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
        files[name] = content.encode()
    files["mutation.hpp"] = HEADER.encode()


def failing(build, tests, number, only_first=True):
    """Names of tests that fail under a fault."""
    found = []
    for test in tests:
        environment = dict(os.environ, PIGRAD_MUTANT=str(number))
        command = [build / "tests" / f"test_{test}", "--abort-after=1"]
        try:
            run = subprocess.run(command, env=environment, capture_output=True, timeout=LIMIT, cwd=build)
            bad = "" if run.returncode == 0 else test
        except subprocess.TimeoutExpired:
            bad = f"{test}, which runs on"
        if bad:
            found.append(bad)
            if only_first:
                break
    return found


def compile_tests(copy, build, tests, jobs):
    flags = f"-O1 -include {copy}/mutation.hpp"
    options = ["APP", "EXAMPLES", "BENCH", "INSTALL", "WARN", "CUDA", "MPI"]
    subprocess.run(["cmake", "-S", copy, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DPIGRAD_MUJOCO=OFF",
                    f"-DCMAKE_CXX_FLAGS_DEBUG={flags}", *[f"-DPIGRAD_{o}=OFF" for o in options]], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build, f"-j{jobs}", *[f"test_{t}" for t in tests]], check=True)


BEGIN, END, NOT_RUN = "<!-- mutants -->\n", "<!-- /mutants -->\n", "not run yet"


def row(m):
    """A fault as the table has it, but for its verdict."""
    was, instead = (text.replace("|", "\\|") for text in (m["was"], m["instead"]))
    return f"| {m['group']} | `{m['file']}` | `{was}` | `{instead}` |"


def known_verdicts(path):
    """What a page's table says: verdicts by row."""
    page = path.read_text() if path and path.exists() else ""
    rows = page[page.find(BEGIN) : page.find(END)].splitlines() if BEGIN in page else []
    return {r[: r.rindex("|", 0, -2) + 1]: r[r.rindex("|", 0, -2) + 1 : -1].strip() for r in rows if r.startswith("| ")}


def write_table(path, faults, verdicts):
    """Into a page, between its two marks; a page without them is made. Faults without a verdict are shown as such."""
    page = path.read_text() if path.exists() else BEGIN + END
    rows = "".join(f"{row(m)} {verdicts.get(row(m), NOT_RUN)} |\n" for m in faults)
    table = "| what | file | instead of | stands | seen by |\n|---|---|---|---|---|\n" + rows
    path.write_text(page[: page.index(BEGIN)] + BEGIN + "\n" + table + "\n" + page[page.index(END) :])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=ROOT / "build-mutation", type=pathlib.Path)
    parser.add_argument("--only", default="", help="groups or files whose name has this")
    parser.add_argument("--jobs", default=os.cpu_count())
    parser.add_argument("--table", type=pathlib.Path, help="a page that takes the result, such as docs/testing.md")
    parser.add_argument("--missing", action="store_true", help="faults alone that the table has no verdict of")
    parser.add_argument("--plant-only", action="store_true", help="write the sources, and build nothing")
    parser.add_argument("--no-build", action="store_true", help="take the tests that an earlier run has built")
    asked = parser.parse_args()
    everything, number = [], 0
    for group, tests, mutants in MUTANTS:
        for file, text, instead, *why in mutants:
            number += 1
            everything.append({"number": number, "group": group, "file": file, "text": text, "instead": instead,
                               "tests": tests.split(), "why": "".join(why)})
    copy, build = asked.build / "source", asked.build / "build"
    files = sources()
    plant(everything, files)
    if not asked.no_build:
        write(copy, files)
    if asked.plant_only:
        return
    verdicts = known_verdicts(asked.table)
    chosen = [m for m in everything if (asked.only in m["group"] or asked.only in m["file"])
              and not (asked.missing and verdicts.get(row(m), NOT_RUN) != NOT_RUN)]
    tests = sorted({t for m in chosen for t in m["tests"]})
    if not asked.no_build:
        compile_tests(copy, build, tests, asked.jobs)
    if broken := failing(build, tests, 0, only_first=False):
        sys.exit(f"with no fault put in, these fail: {' '.join(broken)}")
    survivors, began = 0, time.time()
    for m in chosen:
        seen = failing(build, m["tests"], m["number"])
        survivors += not seen and not m["why"]
        verdict = seen[0] if seen else f"none: {m['why']}" if m["why"] else "**survives**"
        print(f"{m['number']:4} {m['file']}:{m['line']}: {m['was']} -> {m['instead']}: {verdict}", flush=True)
        verdicts[row(m)] = verdict
        if asked.table:
            write_table(asked.table, everything, verdicts)
    print(f"{len(chosen)} faults, {survivors} not seen, in {time.time() - began:.0f} s")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
