"""references.py [-i]: what the pages say about files is true.

A reference, [`NAME` path/file.cpp:12](…/path/file.cpp#L12), stands where NAME is on line 12 of that file (-i: moves
it to the nearest line that has NAME). Other links to files lead somewhere, and links into pages to a heading there. An
experiment that is named is one, and every experiment is named and shown.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(".")
REFERENCE = re.compile(r"\[`([^`\]]+)`\s+([\w./-]+):(\d+)\]\(([^)\s]+?)#L(\d+)\)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text):
    """The text with its blocks of code blanked, lines kept."""
    return re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S | re.M)


def anchors(page):
    """The names that GitHub gives a page's headings."""
    out = []
    for heading in re.findall(r"^#+ (.*)$", without_code(page.read_text()), re.M):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        out.append(name)
    return out


def lines_with(name, text):
    word = re.compile(r"(?<![\w])" + re.escape(name) + r"(?![\w])")
    comment = re.compile(r"^\s*(//|\*|#include)")
    numbered = list(enumerate(text.splitlines(), 1))
    return [n for n, line in numbered if word.search(line) and not comment.match(line)]


def experiments():
    """What may follow `pigrad lab`."""
    listed = re.findall(r"X\(([a-z_]+)\)", (ROOT / "lab/experiments/list.hpp").read_text())
    return {"all", "list", *(name.replace("_", "-") for name in listed)}


def check(page, fix):
    wrong = []
    text = page.read_text()

    def say(position, what):
        wrong.append(f"{page}:{text.count(chr(10), 0, position) + 1}: {what}")

    def judge(match):
        name, path, line, target, anchor = match.groups()
        file = ROOT / path
        if not file.is_file() or (page.parent / target).resolve() != file.resolve():
            say(match.start(), f"{path} is not there, or the link leads to another file: {target}")
            return match.group()
        found = lines_with(name, file.read_text())
        if not found:
            say(match.start(), f"{path} has no {name}")
        elif int(line) not in found or line != anchor:
            nearest = min(found, key=lambda n: abs(n - int(line))) if int(line) else found[0]
            if fix:
                return match.group().replace(f":{line}]", f":{nearest}]").replace(f"#L{anchor})", f"#L{nearest})")
            say(match.start(), f"{name} is on line {nearest} of {path}, not {line}; run references.sh -i")
        return match.group()

    changed = REFERENCE.sub(judge, text)
    if changed != text:
        page.write_text(changed)
        text = changed
    for match in LINK.finditer(without_code(text)):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target) if target else page
        if not file.exists():
            say(match.start(), f"{target} is not there")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            say(match.start(), f"{target or page.name} has no heading #{anchor}")
    for match in re.finditer(r"pigrad lab ([a-z-]+)", text):
        if match.group(1) not in experiments():
            say(match.start(), f"there is no experiment {match.group(1)} in lab/experiments/list.hpp")
    if "book" in page.parts:
        for section in re.split(r"^## ", without_code(text), flags=re.M)[1:]:
            if "$$" in section and not REFERENCE.search(section) and "](../../tests/" not in section:
                say(text.index(section[:60]), f"'{section.splitlines()[0]}' has an equation and names no code")
    return wrong


def main():
    fix = "-i" in sys.argv[1:]
    pages = sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("bench/*.md"))
    wrong, references = [], 0
    for page in pages:
        wrong += check(page, fix)
        references += len(REFERENCE.findall(page.read_text()))
    book = "".join(page.read_text() for page in pages if "book" in page.parts)
    for name in sorted(experiments() - {"all", "list"}):
        if f"](../images/lab/{name}.svg)" not in book or f"`pigrad lab {name}`" not in book:
            wrong.append(f"docs/book: no page shows {name}; pigrad lab {name} --out docs/images/lab draws it")
    print("\n".join(wrong) or f"references: {references} lines on {len(pages)} pages are where they are said to be")
    return 1 if wrong or references < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
