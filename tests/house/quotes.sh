#!/usr/bin/env bash
# Every block of C++ or Python on a page either is a program, which docs/CMakeLists.txt builds and runs, or stands line
# for line in a file that the tests build or run.
set -u
command -v python3 >/dev/null || exit 77
python3 - <<'P'
import pathlib, re, sys

def lines(text):
    return "\n" + "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


files = [p for folder in ("examples", "tests", "exercises") for p in sorted(pathlib.Path(folder).rglob("*.[chp]*"))]
built = [lines(p.read_text()) for p in files]
pages = sorted(pathlib.Path("docs").rglob("*.md")) + sorted(pathlib.Path(".").glob("*.md"))
quotes, status = 0, 0
for page in pages:
    if page.name == "afternoon.md":  # docs/CMakeLists.txt puts its blocks into the library's file and builds that
        continue
    for block in re.findall(r"```(?:cpp|python)\n(.*?)```", page.read_text(), re.S):
        if re.search(r"^int main\(", block, re.M):
            continue
        quotes += 1
        if not any(lines(block) in text for text in built):
            print(f"{page}: no example or test has this block:\n{block}")
            status = 1
sys.exit(status if quotes >= 5 else 1)
P
