"""The run page as a person uses it."""

import re
from typing import Self

from playwright.sync_api import Locator, expect

from tests.functional.visiting import PATIENCE_MS, Visitor


class RunPage:
    """One run's page in one browser."""

    def __init__(self, visitor: Visitor, run_id: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.run_id = run_id

    def open(self) -> Self:
        """Load the page, and wait until it knows the run. A cell that runs may go on meanwhile."""
        self.page.goto(f"/runs/{self.run_id}")
        expect(self.page.locator("[data-page-heading]").first).to_be_visible(timeout=PATIENCE_MS)
        expect(
            self.page.get_by_text("Life of the run").or_(self.page.get_by_text("Decision").first).first
        ).to_be_visible()
        return self

    @property
    def editor(self) -> Locator:
        """Where the next cell is written."""
        return self.page.get_by_role("textbox", name=re.compile("^Code of the next cell"))

    def write(self, code: str) -> None:
        """Paste code into the editor, in place of what is there."""
        self.visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.editor.click()
        self.page.evaluate("code => navigator.clipboard.writeText(code)", code)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("ControlOrMeta+v")

    def run(self, code: str) -> int:
        """Write a cell and run it by its key; tells its number."""
        number = int(re.sub(r"\D", "", self.page.locator("[data-composer] header").inner_text().split("]")[0]))
        self.write(code)
        self.page.keyboard.press("Shift+Enter")
        expect(self.cell(number)).to_be_visible()
        return number

    def cell(self, number: int) -> Locator:
        """A cell with all that came of it."""
        return self.page.get_by_role("article", name=f"Cell {number}", exact=True)

    def printed(self, number: int) -> Locator:
        """What a cell has printed."""
        return self.cell(number).get_by_role("region", name=f"text printed by cell {number}")

    def ended(self, number: int, state: str, within_ms: float = 30_000) -> Locator:
        """The cell once it has that state, in words."""
        expect(self.cell(number).locator("header").first).to_contain_text(state, timeout=within_ms)
        return self.cell(number)

    def copied(self, number: int) -> str:
        """All that a cell printed, as its copy button gives it: the page itself holds only the lines in sight."""
        self.cell(number).get_by_role("button", name=f"Copy text printed by cell {number}").click()
        # The console's pages may not read the clipboard; a page without their policy may be pasted into.
        beside = self.visitor.context.new_page()
        beside.evaluate("document.body.append(document.createElement('textarea'))")
        beside.locator("textarea").focus()
        beside.keyboard.press("ControlOrMeta+v")
        text = beside.locator("textarea").input_value()
        beside.close()
        return text
