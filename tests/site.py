"""site.py: the site is made without a broken link or formula, and its judges refuse what they are there to refuse.

Skipped, with status 77, where mkdocs, doxygen or KaTeX are not installed.
"""
import importlib.util
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
try:
    import mkdocs  # noqa: F401
    import pygments  # noqa: F401
    import pymdownx  # noqa: F401
except ImportError:
    sys.exit(77)
if not shutil.which("doxygen") or not pathlib.Path("/usr/share/javascript/katex/katex.min.js").exists():
    sys.exit(77)

spec = importlib.util.spec_from_file_location("make", ROOT / "docs/site/make.py")
make = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make)


def refused(body, what, judge):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "docs/page.html"
        page.parent.mkdir()
        page.write_text(f'<html><h1 id="there">x</h1>{body}</html>')
        wrong, _ = judge(pathlib.Path(folder))
        assert any(what in line for line in wrong) if what else not wrong, (body, wrong)


refused('<a href="#there">x</a> <a href="page.html#there">x</a>', "", make.judge_links)
refused('<a href="gone.html">x</a>', "which is not there", make.judge_links)
refused('<a href="#gone">x</a>', "no such heading", make.judge_links)
refused('<img src="gone.svg">', "which is not there", make.judge_links)
refused('<script src="https://example.org/x.js"></script>', "must open offline", make.judge_links)
refused('<link rel="stylesheet" href="//example.org/x.css">', "must open offline", make.judge_links)
refused(r'<span class="arithmatex">\(a_b\)</span> <code>$x</code>', "", make.judge_formulas)
refused("<p>costs $a_b$ here</p>", "was not read", make.judge_formulas)
if shutil.which("node"):
    refused(r'<span class="arithmatex">\(\frac{a\)</span>', "KaTeX parse error", make.judge_formulas)

with tempfile.TemporaryDirectory() as folder:
    make.make(ROOT, pathlib.Path(folder).resolve())
    site = pathlib.Path(folder) / "site"
    for page in ("index.html", "docs/book/gradient.html", "api/index.html", "source/rl/returns.cpp.html"):
        assert (site / page).is_file(), page
    text = (site / "docs/book/estimates.html").read_text()
    assert 'source/rl/returns.cpp.html#L-' in text and 'class="arithmatex"' in text
