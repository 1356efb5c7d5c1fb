"""Every component in every state, in light and dark, looks as its picture in frontend/tests/gallery does."""

import os
import subprocess

import pytest

from tools.console import FRONTEND
from tools.setup import browser, find


@pytest.mark.timeout(600)
def test_the_gallery_looks_as_it_did() -> None:
    """At 1280 px in both themes; and nothing is wider than a screen of 360 px. `npm run gallery -- --update` renews."""
    npm, program = find("npm"), browser()
    assert npm, "npm was not found; run `make setup`."
    assert program, "No Chromium was found; run `make setup`, which installs it."
    done = subprocess.run(
        [npm, "run", "--silent", "gallery"],
        cwd=FRONTEND,
        env={**os.environ, "CHROMIUM": program},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
