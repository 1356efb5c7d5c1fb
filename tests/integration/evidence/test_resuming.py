"""An export goes on where its worker died, and a download where its connection broke; each is on record once."""

import hashlib
import os
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from evidence import tasks
from evidence.models import Download, Export, ExportFile
from gateways import blobs
from identity.models import Project
from identity.states import Role
from runs.actions import discard_unnamed
from runs.models import Blob
from tests.integration.audit.exported import verify
from tests.integration.audit.sequencing import append, run_once
from tests.integration.evidence.test_exports import ask, auditor, download, events, made, project
from tests.people import Person, make_person
from tools.launch.state import PYTHON, ROOT

__all__ = ["auditor", "project"]

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server", "opa_server"),
]
ENTRIES, PIECE, LONGEST_LIFE = 400, 16, 0.5


def test_a_worker_killed_anywhere_goes_on_where_it_was(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out: the look at what is made already; the second worker then made a file anew, and the export failed."""
    append(ENTRIES, project.pk)
    run_once(tmp_path / "kept")
    export = ask(auditor, project).json()
    run_once(tmp_path / "kept")
    words = [str(PYTHON), "-m", "tests.integration.evidence.mortal", export["id"], str(LONGEST_LIFE)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    done = subprocess.run(
        [*words, str(tmp_path / "log")], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr[-4000:]
    begun = Counter((tmp_path / "log").read_text().split())
    lives = begun.pop("life")
    pieces = -(-Export.objects.get(pk=export["id"]).end // PIECE)  # type: ignore[operator]
    assert lives > 3
    assert len(begun) == pieces
    assert sum(begun.values()) < pieces + lives, "what was made is not made again"
    shown = auditor.client().get(f"/api/v1/audit/exports/{export['id']}").json()
    path = download(auditor, shown, tmp_path / "bundle.zip")
    (tmp_path / "keys").write_bytes(auditor.client().get("/api/v1/audit/keys").content)
    code, told = verify(path, "--key", tmp_path / "keys")
    assert (code, told["range"]) == (0, [0, shown["to"]]), told
    assert events(project).count("audit:export:finished") == 1
    # Nothing is left of the parts, but what the dead had sealed and not yet told of, which the sweep finds.
    assert not ExportFile.objects.exists()
    discard_unnamed(timezone.now() + timedelta(hours=1), 1000)
    left = set(blobs.older_than(timezone.now() + timedelta(hours=1)))
    assert left == set(Blob.objects.values_list("name", flat=True))
    assert len(left) == 1


def part(person: Person, export: dict[str, Any], **headers: str) -> tuple[Any, bytes]:
    answer: Any = person.client().get(f"/api/v1/audit/exports/{export['id']}/download", headers=headers)

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return answer, async_to_sync(collect)() if answer.streaming else answer.content


@pytest.fixture
def export(project: Project, auditor: Person, tmp_path: Path) -> dict[str, Any]:
    """Larger than a segment of the blob store."""
    append(120, project.pk)
    return made(auditor, project, tmp_path)


def test_a_download_goes_on_where_it_broke_off(
    project: Project, auditor: Person, export: dict[str, Any], tmp_path: Path
) -> None:
    """Taken out: that a later part joins the download that its beginning is on record for."""
    whole, size = download(auditor, export, tmp_path / "whole").read_bytes(), export["size"]
    assert size > 2 * blobs.SEGMENT
    etag = f'"{export["sha256"]}"'
    for start in (1, blobs.SEGMENT - 1, blobs.SEGMENT, blobs.SEGMENT + 1, size - 1):
        answer, rest = part(auditor, export, Range=f"bytes={start}-", **{"If-Range": etag})
        assert (answer.status_code, answer["ETag"]) == (206, etag)
        assert answer["Content-Range"] == f"bytes {start}-{size - 1}/{size}"
        assert rest == whole[start:] and int(answer["Content-Length"]) == len(rest)
    _, middle = part(auditor, export, Range=f"bytes=100-{blobs.SEGMENT + 100}")
    assert middle == whole[100 : blobs.SEGMENT + 101]
    assert part(auditor, export, Range="bytes=-9")[1] == whole[-9:]
    assert hashlib.sha256(whole).hexdigest() == export["sha256"]
    assert events(project).count("audit:export:downloaded") == 1
    # Of something else, of several parts, or of none that there is: the whole, which is another download.
    for headers in ({"Range": "bytes=5-", "If-Range": '"other"'}, {"Range": "bytes=0-1,4-5"}, {"Range": "x=1-"}):
        answer, all_of_it = part(auditor, export, **headers)
        assert (answer.status_code, all_of_it) == (200, whole)
    assert events(project).count("audit:export:downloaded") == 4


def test_nobody_takes_a_part_unrecorded(project: Project, auditor: Person, export: dict[str, Any]) -> None:
    """All but the first byte is the bundle too. Taken out: the look at who began; a colleague's beginning sufficed."""
    colleague = make_person((project, Role.AUDITOR))
    for person in (auditor, colleague):
        assert part(person, export, Range="bytes=1-")[0].status_code == 206
        assert part(person, export, Range="bytes=2-")[0].status_code == 206
    assert events(project).count("audit:export:downloaded") == 2
    Download.objects.update(begun_at=timezone.now() - timedelta(days=2))
    part(auditor, export, Range="bytes=1-")
    assert events(project).count("audit:export:downloaded") == 3


def test_what_is_not_there_is_not_sent_and_not_recorded(
    project: Project, auditor: Person, export: dict[str, Any]
) -> None:
    answer, _ = part(auditor, export, Range=f"bytes={export['size']}-")
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer["Content-Range"] == f"bytes */{export['size']}"
    head = auditor.client().head(f"/api/v1/audit/exports/{export['id']}/download")
    assert (head.status_code, head["ETag"], head["Accept-Ranges"]) == (200, f'"{export["sha256"]}"', "bytes")
    assert int(head["Content-Length"]) == export["size"] and not head.content
    assert "audit:export:downloaded" not in events(project)
    outsider = make_person()
    assert outsider.client().head(f"/api/v1/audit/exports/{export['id']}/download").status_code == 404


def test_the_dead_workers_checkpoint_is_the_next_ones(project: Project, auditor: Person, tmp_path: Path) -> None:
    """What was made against one checkpoint does not fit another. Taken out: the look at the one that was begun with."""

    def dies(*_: Any) -> None:
        raise SystemError

    append(20, project.pk)
    run_once(tmp_path / "kept")
    asked = ask(auditor, project).json()
    run_once(tmp_path / "kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence.making._Work.counts", dies)
        patch.setattr("evidence.actions.fail", lambda *_: None)
        tasks.make(asked["id"])
    size = Export.objects.get(pk=asked["id"]).log_size
    assert size is not None and ExportFile.objects.exists()
    append(20, project.pk)
    run_once(tmp_path / "kept")
    Export.objects.filter(pk=asked["id"]).update(state="queued")
    tasks.make(asked["id"])
    shown = auditor.client().get(f"/api/v1/audit/exports/{asked['id']}").json()
    assert (shown["state"], shown["log_size"], shown["to"]) == ("ready", size, size)
