"""make.py OUT [ROOT]: the book and the API reference as a static site, OUT/site, that opens offline.

mkdocs makes the pages, doxygen the reference, KaTeX's script in the site the equations. Pages keep their places, so
that links between them hold; what they link to besides becomes a page with numbered lines. Any link that leads nowhere,
any formula that KaTeX refuses and anything that a page would load from elsewhere ends it with status 1.
"""
import html
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

KATEX = pathlib.Path("/usr/share/javascript/katex")
LINK = re.compile(r"(\]\()([^)\s]+)(\))")
IMAGES = {".svg", ".png", ".gif"}


def fail(lines):
    print("\n".join(lines), file=sys.stderr)
    sys.exit(1)


def outside_code(text, change):
    """Applies change to the parts of a page that are no block of code."""
    parts = re.split(r"(^```.*?^```)", text, flags=re.S | re.M)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


class Site:
    def __init__(self, root, out):
        self.root, self.pages, self.site = root, out / ".site/pages", out / "site"
        self.sources = set()
        shutil.rmtree(self.pages, ignore_errors=True)
        self.pages.mkdir(parents=True)

    def gather(self):
        """Copies the pages, and whatever they link to, and points their links at the copies."""
        listed = [p for p in self.root.glob("*.md")] + [*self.root.glob("docs/**/*.md")]
        listed += [p for p in self.root.glob("bench/**/*.md")]
        for page in sorted(listed):
            place = page.relative_to(self.root)
            target = self.pages / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(outside_code(page.read_text(), lambda text: self.relink(page, text)))
        for source in sorted(self.sources):
            self.show(source)

    def relink(self, page, text):
        def change(match):
            target, _, anchor = match.group(2).partition("#")
            if not target or re.match(r"[a-z]+:", target):
                return match.group()
            path = pathlib.Path(os.path.normpath(page.parent / target))
            if path.suffix == ".md" or not path.is_relative_to(self.root):
                return match.group()
            place = path.relative_to(self.root)
            if path.suffix in IMAGES and path.is_file():
                copy = self.pages / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
                return match.group()
            if not path.exists():
                return match.group()
            self.sources.add(place)
            shown = os.path.relpath(self.shown(place), page.parent.relative_to(self.root))
            line = re.fullmatch(r"L(\d+)", anchor)
            return match.group(1) + shown + (f"#L-{line.group(1)}" if line else "") + match.group(3)

        return LINK.sub(change, text)

    def shown(self, place):
        return pathlib.Path("source") / (str(place) + ".html")

    def show(self, place):
        """A page of a file's text with numbered lines, or of a folder's files."""
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import TextLexer, get_lexer_for_filename
        from pygments.util import ClassNotFound

        path, target = self.root / place, self.pages / self.shown(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            names = "".join(f"<li>{html.escape(p.name)}</li>" for p in sorted(path.iterdir()))
            body = f"<ul>{names}</ul>"
        else:
            try:
                lexer = get_lexer_for_filename(path.name)
            except ClassNotFound:
                lexer = TextLexer()
            formatter = HtmlFormatter(linenos="inline", lineanchors="L", anchorlinenos=True, cssclass="highlight")
            body = highlight(path.read_text(), lexer, formatter)
        up = os.path.relpath(".", self.shown(place).parent)
        title = html.escape(str(place))
        target.write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="stylesheet" href="{up}/site/code.css"><h1>{title}</h1>'
            f'<p><a href="{up}/docs/book/index.html">The book</a></p>{body}</html>'
        )

    def furnish(self):
        from pygments.formatters import HtmlFormatter

        here = pathlib.Path(__file__).parent
        (self.pages / "site").mkdir()
        for name in ("math.js", "site.css"):
            shutil.copyfile(here / name, self.pages / "site" / name)
        lines = HtmlFormatter(style="default").get_style_defs(".highlight")
        (self.pages / "site/code.css").write_text(lines + "\n.highlight :target { background: #ffd; }\n")
        katex = self.pages / "katex"
        katex.mkdir()
        for name in ("katex.min.css", "katex.min.js", "contrib/auto-render.js"):
            shutil.copyfile(KATEX / name, katex / pathlib.Path(name).name)
        shutil.copytree(KATEX / "fonts", katex / "fonts")

    def refer(self):
        """The API reference, api/ among the pages."""
        text = (pathlib.Path(__file__).parent / "Doxyfile").read_text() + f"OUTPUT_DIRECTORY = {self.pages}\n"
        run = subprocess.run(["doxygen", "-"], input=text, text=True, capture_output=True, cwd=self.root)
        if run.returncode != 0:
            fail(["docs: doxygen failed", run.stderr])

    def build(self):
        config = self.pages.parent / "mkdocs.yml"
        text = (pathlib.Path(__file__).parent / "mkdocs.yml").read_text()
        config.write_text(text + f"docs_dir: {self.pages}\nsite_dir: {self.site}\n")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
        run = subprocess.run(command, text=True, capture_output=True)
        if run.returncode != 0:
            said = (run.stdout + run.stderr).splitlines()
            fail(["docs: mkdocs refuses a page:"] + [line for line in said if not line.startswith("INFO")])
        (self.site / "404.html").unlink(missing_ok=True)


class Page(html.parser.HTMLParser):
    """Where a page's links lead, what it loads, which names it has."""

    def __init__(self):
        super().__init__()
        self.links, self.loads, self.names = [], [], set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.names.update(v for k, v in attributes if k in ("id", "name") and v)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("img", "script", "source") and given.get("src"):
            self.loads.append(given["src"])
        if tag == "link" and given.get("rel") != "canonical" and given.get("href"):
            self.loads.append(given["href"])


def read(path):
    page = Page()
    page.feed(path.read_text(errors="replace"))
    return page


def judge_links(site):
    """Every link of every page but the reference's own leads to a file, and to a name in it."""
    wrong, seen, count = [], {}, 0
    for path in sorted(site.rglob("*.html")):
        if path.is_relative_to(site / "api"):
            continue
        page = seen.setdefault(path, read(path))
        for target in page.loads + page.links:
            parts = urllib.parse.urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.loads and parts.scheme != "data":
                    wrong.append(f"{path.relative_to(site)} loads {target}: the site must open offline")
                continue
            count += 1
            place = path.parent / urllib.parse.unquote(parts.path) if parts.path else path
            file = pathlib.Path(os.path.normpath(place))
            if not file.is_file():
                wrong.append(f"{path.relative_to(site)} links to {target}, which is not there")
            elif parts.fragment and file.suffix == ".html":
                if file not in seen:
                    seen[file] = read(file)
                if urllib.parse.unquote(parts.fragment) not in seen[file].names:
                    wrong.append(f"{path.relative_to(site)} links to {target}, whose page has no such heading or line")
    return wrong, count


def judge_formulas(site):
    """Every formula goes through KaTeX, where there is a node to run it. Gives what is wrong and how many there are."""
    found = []
    for path in sorted(site.glob("docs/**/*.html")):
        text = path.read_text()
        found += [(str(path.relative_to(site)), html.unescape(f))
                  for f in re.findall(r'class="arithmatex">\\[(\[](.*?)\\[)\]]</', text, re.S)]
        bare = re.sub(r"<(pre|code|script).*?</\1>|class=\"arithmatex\">.*?</(span|div)>", "", text, flags=re.S)
        if "$" in bare:
            line = next(line for line in bare.splitlines() if "$" in line)
            return [f"{path.relative_to(site)}: a formula was not read: {line.strip()[:100]}"], 0
    if not shutil.which("node"):
        return [], len(found)
    script = (
        "const k=require(process.argv[1]);let bad=[];"
        "for(const [p,f] of JSON.parse(require('fs').readFileSync(0)))"
        "try{k.renderToString(f,{throwOnError:true,strict:'ignore'})}catch(e){bad.push(p+': '+e.message)}"
        "console.log(JSON.stringify(bad))"
    )
    run = subprocess.run(["node", "-e", script, str(KATEX / "katex.min.js")], input=json.dumps(found), text=True,
                         capture_output=True, check=True)
    return json.loads(run.stdout), len(found)


def make(root, out):
    site = Site(root, out)
    site.gather()
    site.furnish()
    site.refer()
    site.build()
    broken, links = judge_links(site.site)
    refused, formulas = judge_formulas(site.site)
    if broken or refused:
        fail(broken + refused)
    pages = sum(1 for p in site.site.rglob("*.html") if not p.is_relative_to(site.site / "api"))
    print(f"{site.site}/index.html: {pages} pages, {links} links, {formulas} formulas, and the API reference")


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve()
    make(pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else here.parents[2],
         pathlib.Path(sys.argv[1]).resolve())
