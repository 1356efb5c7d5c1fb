"""`make pictures`: the pictures in docs and README, taken of the running product with the data set it ships."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import get_args

from playwright.sync_api import Browser, expect, sync_playwright

from tests.functional.visiting import Scheme, Visitor
from tests.stack import Stack
from tests.work import Work
from tools.launch.state import State
from tools.setup import ROOT, browser

PICTURES = ROOT / "docs/pictures"
EXAMPLE = ROOT / "examples/penguins"
SIZE = (1360, 900)
BY_ISLAND = """SELECT species, sex, count(*) AS penguins, round(avg(body_mass_g)) AS mass_g
FROM penguins WHERE sex IS NOT NULL GROUP BY ALL ORDER BY ALL"""
MISTAKEN = """import pandas as pd

def heaviest(table):
    return table.sort_values("mass_g").tail(3)

heaviest(pd.read_csv("penguins.csv"))"""
# A figure is decoded after its element is there; the editor's own spacers are images without a source.
SHOWN = "Promise.all([...document.images].filter((image) => image.src).map((image) => image.decode()))"
PURPOSES = ("Sex ratio by island", "Missing values in the 2008 season", "Bill length against bill depth")


def main() -> None:
    """Bring up a stack of its own, work in it, and write every picture anew."""
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-pictures-"))
    state = State.prepare(folder / "var")
    state.choose_ports({})
    os.environ.update({k: v for k, v in state.environment(owner=True).items() if k.startswith("BAILIWICK_")})
    try:
        _take(state)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take(state: State) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    stack = Stack(state).up()
    try:
        with Work(stack) as work, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser())
            run = _worked(work)
            for scheme in get_args(Scheme):
                _of_one_scheme(chromium, stack, run, scheme)
            chromium.close()
    finally:
        stack.close()


def _worked(work: Work) -> str:
    """A run with three cells, and others of the days before it; tells the first one's id."""
    for purpose in PURPOSES:
        work.one_shot("print('done')", purpose=purpose)
    work.cancel(work.ready(purpose="A first look")["id"])
    file = work.upload("penguins.csv", (EXAMPLE / "penguins.csv").read_bytes())
    run = str(work.ready(purpose="Body mass by flipper length", files=[file["id"]])["id"])
    work.done(run, (EXAMPLE / "analysis.py").read_text())
    work.done(run, MISTAKEN)
    work.done(run, BY_ISLAND, "sql")
    return run


def _of_one_scheme(chromium: Browser, stack: Stack, run: str, scheme: Scheme) -> None:
    visitor = Visitor(chromium, stack, "analyst", scheme=scheme, size=SIZE, still=True)
    visitor.sign_in()

    def take(name: str) -> None:
        visitor.settled()
        visitor.page.evaluate(SHOWN)
        visitor.page.screenshot(path=PICTURES / f"{name}-{scheme}.png", animations="disabled")

    page = visitor.visit("/")
    expect(page.get_by_role("row").nth(4)).to_be_visible()
    take("home")
    page = visitor.visit("/runs/new")
    page.get_by_label("Purpose").fill("Body mass by island")
    page.locator("input[type=file]").first.set_input_files(str(EXAMPLE / "penguins.csv"))
    expect(page.get_by_text("Uploaded").first).to_be_visible()
    expect(page.get_by_text("Policy will allow this")).to_be_visible()
    take("new-run")
    page.get_by_label("Add a package").fill("requests==2.32.3")
    page.keyboard.press("Enter")
    verdict = page.get_by_text("Policy will refuse this").first
    expect(verdict).to_be_visible()
    verdict.scroll_into_view_if_needed()
    take("refusal")
    page = visitor.visit(f"/runs/{run}")
    expect(page.get_by_role("article", name="Cell 3", exact=True)).to_be_visible()
    page.get_by_role("article", name="Cell 1", exact=True).scroll_into_view_if_needed()
    take("run")
    page.get_by_role("article", name="Cell 3", exact=True).scroll_into_view_if_needed()
    take("traceback")
    assert visitor.leave() == []


if __name__ == "__main__":
    main()
