#!/usr/bin/env bash
# Every block of code in docs/adding.md stands in one of the examples, line for line.
set -u
command -v python3 >/dev/null || exit 77
python3 - <<'P'
import pathlib, re, sys

examples = [p.read_text() for p in sorted(pathlib.Path("examples").glob("*.cpp"))]
page = pathlib.Path("docs/adding.md").read_text()
blocks = re.findall(r"```cpp\n(.*?)```", page, re.S)
missing = [b for b in blocks if not any(b in text for text in examples)]
for block in missing:
    print("docs/adding.md: no example has this block:\n" + block)
sys.exit(1 if missing or len(blocks) < 5 else 0)
P
