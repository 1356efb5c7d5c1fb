"""Files in pieces through the web server: none of a body lies anywhere in plain, and a broken one is gone on with."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.slices import SLICE
from tests import tus
from tests.stack import Stack, eventually
from tests.work import Work, ok, text


def spooled(stack: Stack) -> list[int]:
    """The sizes of the files without a name that the web process holds open."""
    found = []
    for entry in Path(f"/proc/{stack.pid('web')}/fd").iterdir():
        try:
            if os.readlink(entry).endswith("(deleted)"):
                found.append(entry.stat().st_size)
        except OSError:
            continue
    return [size for size in found if size]


def test_a_long_body_is_kept_while_it_comes_and_spooled_nowhere(work: Work, stack: Stack):
    """Taken out for a try: the slices of doors.bodies; nothing was then acknowledged before the end."""
    content = os.urandom(2 * SLICE + 17)
    upload = ok(tus.begin(work.api, work.project, "large.bin", len(content)), 201)["id"]
    seen: list[list[int]] = []
    with Work(stack) as other:

        def slowly() -> Iterator[bytes]:
            yield content[: SLICE + 5]
            # What came in full slices is acknowledged to whoever asks, while the body is still on its way.
            eventually(lambda: tus.standing(other.api, upload) == SLICE)
            seen.append(spooled(stack))
            yield content[SLICE + 5 :]

        answer = tus.proceed(work.api, upload, 0, slowly())
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(content)))
    assert seen == [[]]
    file = ok(work.api.get(f"uploads/{upload}"))["file"]
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    run = work.ready(files=[file["id"]])["id"]
    code = "import hashlib; print(hashlib.sha256(open('large.bin', 'rb').read()).hexdigest())"
    assert text(work.done(run, code)).strip() == file["sha256"]
    work.cancel(run)


def test_a_body_that_breaks_off_is_gone_on_with(work: Work, stack: Stack):
    content = os.urandom(SLICE + SLICE // 2)
    upload = ok(tus.begin(work.api, work.project, "broken.bin", len(content)), 201)["id"]

    def breaks() -> Iterator[bytes]:
        yield content[: SLICE + 1000]
        raise ConnectionError

    with pytest.raises(ConnectionError), stack.api("analyst") as client:
        tus.proceed(client, upload, 0, breaks())
    # The last bytes, too few for a slice, came before the connection broke.
    eventually(lambda: tus.standing(work.api, upload) == SLICE + 1000)
    answer = tus.proceed(work.api, upload, SLICE + 1000, content[SLICE + 1000 :])
    assert answer.status_code == 204, answer.text
    assert ok(work.api.get(f"uploads/{upload}"))["file"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_refusal_comes_before_the_body_is_through(work: Work):
    upload = ok(tus.begin(work.api, work.project, "short.bin", 10), 201)["id"]
    answer = tus.proceed(work.api, upload, 0, os.urandom(3 * SLICE))
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_long")
    assert answer.headers["connection"] == "close"
    assert tus.standing(work.api, upload) == 0
