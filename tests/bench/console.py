"""The console's rows: typing, painting what is printed, Lighthouse, and how much the first page brings along."""

import gzip
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response, expect, sync_playwright

from tests.bench.figures import Row
from tests.functional.visiting import Visitor
from tests.stack import Stack
from tests.work import Work
from tools.setup import browser, cache

HERE = Path(__file__).parent
KIB = 1024
LINES = 20_000
CELL_LINES = 1_000
# From the event to the end of the frame that shows it: a task queued in the frame runs after its paint.
WATCH = """(target) => {
  window.strokes = [];
  const channel = new MessageChannel();
  let begun = 0;
  channel.port1.onmessage = () => window.strokes.push(performance.now() - begun);
  window.addEventListener('keydown', (event) => {
    begun = event.timeStamp;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
}"""
# Each frame's time and how far the printed numbers have come by then.
FOLLOW = """() => {
  window.frames_seen = [];
  const look = () => {
    const text = document.querySelector('main').innerText;
    const found = text.match(/(?<=^line )\\d+$/gm);
    if (found) window.frames_seen.push([performance.now(), Math.max(...found.map(Number))]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

# Playwright's own waiting evaluates a string in the page, which the console's policy does not let anybody do.
UNTIL = """goal => new Promise((done) => {
  const look = () => (REACHED ? done() : requestAnimationFrame(look));
  look();
})"""
UNTIL_TYPED = UNTIL.replace("REACHED", "window.strokes.length >= goal")
UNTIL_PAINTED = UNTIL.replace("REACHED", "window.frames_seen.at(-1)?.[1] === goal")


def console(stack: Stack, times: int, folder: Path) -> Iterator[Row]:
    """Every row of the console, in the Chromium that the tests drive."""
    with _visitor(stack) as visitor, Work(stack) as work:
        yield _typing(visitor, work, times)
        yield _painting(visitor, work, max(3, times // 8))
        yield from _bundle(visitor)
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in visitor.context.cookies())
    yield from _lighthouse(f"{stack.url}/", cookies, max(3, times // 8), folder)


@contextmanager
def _visitor(stack: Stack) -> Iterator[Visitor]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser())
        visitor = Visitor(chromium, stack, "analyst")
        visitor.sign_in()
        yield visitor
        assert visitor.leave() == []
        chromium.close()


def _typing(visitor: Visitor, work: Work, times: int) -> Row:
    """A letter in the middle of a long cell, beside a letter in a plain text field of as many lines."""
    code = "\n".join(f"value_{number} = {number} + len('abc')  # a comment" for number in range(CELL_LINES))
    run = work.ready()["id"]
    page = visitor.visit(f"/runs/{run}")
    editor = page.locator(".cm-content").last
    editor.click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Home")
    for _ in range(20):
        page.keyboard.press("PageDown")
    samples = _strokes(page, times * 5)
    plain = visitor.context.new_page()
    plain.goto(f"{visitor.origin}/healthz")
    plain.evaluate("document.body.replaceChildren(document.createElement('textarea'))")
    plain.locator("textarea").fill(code)
    raw = _strokes(plain, times * 5)
    plain.close()
    work.cancel(run)
    return Row("keystroke to paint in a cell of 1,000 lines", "–", samples, raw, "a plain text field")


def _strokes(page: Page, times: int) -> list[float]:
    page.evaluate(WATCH)
    for number in range(times):
        page.keyboard.press("abcdefgh "[number % 9])
        page.evaluate(UNTIL_TYPED, number + 1)
    strokes: list[float] = page.evaluate("window.strokes")
    return strokes[5:]


def _painting(visitor: Visitor, work: Work, times: int) -> Row:
    """Lines a second, from the first frame that shows one to the frame that shows the last."""
    code = f"for number in range({LINES}): print('line', number)"
    painted, printed = [], []
    for _ in range(times):
        run = work.ready()["id"]
        page = visitor.visit(f"/runs/{run}")
        page.evaluate(FOLLOW)
        cell = work.result(run, work.cell(run, code))
        printed.append(LINES / cell["usage"]["wall_seconds"])
        page.evaluate(UNTIL_PAINTED, LINES - 1)
        frames: list[tuple[float, int]] = page.evaluate("window.frames_seen")
        last = next(at for at, number in frames if number == LINES - 1)
        painted.append(LINES / max(0.001, (last - frames[0][0]) / 1000))
        work.cancel(run)
    return Row("lines of output painted", "≥ 1,000 a second", painted, printed, "printed by the kernel", "lines/s")


def _bundle(visitor: Visitor) -> Iterator[Row]:
    """What the first page asks for, compressed as any server would, each file once."""
    taken: list[tuple[str, bytes]] = []

    def take(response: Response) -> None:
        if "/assets/" in response.url:
            taken.append((response.url, response.body()))

    page = visitor.context.new_page()
    page.on("response", take)
    page.goto("/")
    expect(page.locator("[data-page-heading]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.close()
    for kind, target in (("js", "< 400 kB together"), ("css", "–"), ("woff2", "–")):
        files = [body for url, body in taken if url.endswith(f".{kind}")]
        size = sum(len(body if kind == "woff2" else gzip.compress(body, 9)) for body in files) / KIB
        whole = sum(map(len, files)) / KIB
        yield Row(f"first page, .{kind} in {len(files)} files", target, [size], [whole], "not compressed", "kB")


def _lighthouse(url: str, cookies: str, times: int, folder: Path) -> Iterator[Row]:
    program = _installed()
    points: dict[str, list[float]] = {}
    for preset in ("desktop", "mobile"):
        for number in range(times):
            report = _report(program, url, cookies, preset, folder / f"{preset}-{number}.json")
            for category in report["categories"].values():
                what = f"Lighthouse {category['title'].lower()}, home, {preset}"
                points.setdefault(what, []).append(category["score"] * 100)
            for audit in ("first-contentful-paint", "interactive", "cumulative-layout-shift"):
                what = f"Lighthouse {audit.replace('-', ' ')}, home, {preset}"
                points.setdefault(what, []).append(report["audits"][audit]["numericValue"])
    targets = {"performance": "≥ 95", "accessibility": "≥ 95", "first": "< 1,000 ms", "interactive": "< 2,000 ms"}
    for what, samples in points.items():
        word = what.split()[1].rstrip(",")
        unit = "points" if word in ("performance", "accessibility") else "" if word == "cumulative" else "ms"
        target = targets.get(word, "0") if "desktop" in what else "–"
        yield Row(what, target, samples, [], "Lighthouse's own throttling", unit)


def _report(program: Path, url: str, cookies: str, preset: str, path: Path) -> dict[str, Any]:
    words = [str(shutil.which("node")), str(program), url, "--quiet", "--output=json", f"--output-path={path}"]
    words += ["--only-categories=performance,accessibility", "--chrome-flags=--headless=new --no-sandbox"]
    words += [
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
        *(["--preset=desktop"] if preset == "desktop" else []),
    ]
    env = {**os.environ, "CHROME_PATH": str(browser())}
    subprocess.run(words, env=env, check=True, timeout=180, stdin=subprocess.DEVNULL)
    report: dict[str, Any] = json.loads(path.read_text())
    assert not report.get("runtimeError"), report["runtimeError"]
    assert report["finalDisplayedUrl"] == url, "Lighthouse was led to the sign-in page"
    return report


def _installed() -> Path:
    """Lighthouse as its lock pins it, kept where builds are kept."""
    lock = HERE / "lighthouse/package-lock.json"
    place = cache() / "lighthouse" / sha256(lock.read_bytes()).hexdigest()[:20]
    program = place / "node_modules/lighthouse/cli/index.js"
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(HERE / "lighthouse", place, ignore=shutil.ignore_patterns("node_modules"))
        begun = time.monotonic()
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=place, check=True, timeout=600)
        (place / "complete").touch()
        print(f"installed Lighthouse in {time.monotonic() - begun:.0f} s", flush=True)
    return program
