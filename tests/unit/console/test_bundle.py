"""What a browser fetches for the console's first page: how much, and that none of it comes from elsewhere."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.console import DIST

# Compressed, with fonts. At 10 Mbit/s this much takes a third of a second.
BUDGET = 400_000
# What a page fetches at once: the entry, which holds the pages that people land on, and the route's own part.
LANDING = "index.html"
OTHER_PAGES = tuple(f"src/features/{name}/index.ts" for name in ("run", "new-run", "account", "health", "audit"))
# What only a page with cells needs, by a word that minifying leaves in it: the editor, and the readers of files.
HEAVY = {"CodeMirror": "cm-gutterElement", "hyparquet": "PAR1", "tus": "Tus-Resumable", "pdf.js": "GetOperatorList"}

type Manifest = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    """Every part of the build and what it brings along."""
    made: Manifest = json.loads((DIST / "manifest.json").read_text())
    return made


def files(manifest: Manifest, key: str, seen: set[str] | None = None) -> set[str]:
    """The scripts and styles that are fetched for a part, those that it imports included."""
    seen = set() if seen is None else seen
    if key in seen:
        return set()
    seen.add(key)
    part = manifest[key]
    found = {part["file"], *part.get("css", [])}
    for other in part.get("imports", []):
        found |= files(manifest, other, seen)
    return found


def fetched(manifest: Manifest, page: str) -> set[str]:
    """Everything that is fetched before a page can be used; of the fonts those that Latin text needs."""
    latin = re.compile(r"assets/ibm-plex-(sans-latin-wght|mono-latin-[46]00)-normal-[\w-]+\.woff2")
    fonts = {str(path.relative_to(DIST)) for path in (DIST / "assets").iterdir()}
    first = {str(path.relative_to(DIST)) for path in (DIST / "assets").glob("first-*.js")}
    return files(manifest, LANDING) | files(manifest, page) | first | {name for name in fonts if latin.fullmatch(name)}


def sent(name: str) -> int:
    """The size of a file as it is sent to a browser that takes gzip."""
    content = (DIST / name).read_bytes()
    return len(content) if name.endswith(".woff2") else len(gzip.compress(content, 9))


@pytest.mark.parametrize("page", [LANDING, *OTHER_PAGES])
def test_the_first_page_is_small(manifest: Manifest, page: str) -> None:
    """Everything together, compressed."""
    sizes = {name: sent(name) for name in fetched(manifest, page)}
    assert sum(sizes.values()) < BUDGET, json.dumps(sizes, indent=2)


def test_editor_and_readers_are_fetched_when_they_are_needed(manifest: Manifest) -> None:
    """They are in the build, and no part of a first page."""
    scripts = {path.name: path.read_text() for path in (DIST / "assets").glob("*.js")}
    early = {Path(name).name for name in fetched(manifest, LANDING)}
    holders = {what: {name for name, text in scripts.items() if word in text} for what, word in HEAVY.items()}
    assert [what for what, names in holders.items() if not names] == []
    assert {what: names & early for what, names in holders.items() if names & early} == {}


def test_no_part_scripts_a_pdf_or_is_webassembly() -> None:
    """pdf.js comes with an engine for the scripts of documents: it is not for us."""
    names = [path.name for path in (DIST / "assets").iterdir()]
    assert [name for name in names if name.endswith(".wasm") or "sandbox" in name or "quickjs" in name] == []
    scripts = {path.name: path.read_text() for path in (DIST / "assets").glob("*.js")}
    assert [name for name, text in scripts.items() if "quickjs" in text.casefold()] == []


def test_every_page_but_those_people_land_on_is_a_part_of_its_own(manifest: Manifest) -> None:
    """A page in the entry is paid for by all others; one that is not, by another trip to the platform."""
    assert [page for page in OTHER_PAGES if not manifest.get(page, {}).get("isDynamicEntry")] == []
    assert [page for page in manifest if "features/home" in page or "sign-in" in page] == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No address of another origin in a style sheet or the page; scripts name some in texts, and fetch none of them."""
    pages = [DIST / "index.html", *(DIST / "assets").glob("*.css")]
    outside = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import\s+["']?https?:""")
    assert {path.name: found for path in pages if (found := outside.findall(path.read_text()))} == {}


def test_the_page_holds_no_script_of_its_own_and_a_place_for_the_nonce() -> None:
    """The content security policy would not run one."""
    page = (DIST / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|<style|style=|javascript:", page) == []
    assert '<meta name="csp-nonce" content="' in page


def test_the_gallery_is_no_part_of_the_build(manifest: Manifest) -> None:
    """It is for development alone."""
    assert [name for name in manifest if "gallery" in name or "specimens" in name] == []
    scripts = "".join(path.read_text() for path in Path(DIST / "assets").glob("*.js"))
    # Its own words, those of the specimens, and the person whom they show.
    assert [word for word in ("gallery", "specimen", "amira haddad") if word in scripts.casefold()] == []
