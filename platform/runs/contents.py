"""Which contents the commitments of the log's entries are of, for whoever may have them with the evidence."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runs.actions.keeping import commitment
from runs.models import Blob, Execution, File, Run

_CELL = re.compile(r"run:(?P<run>[0-9a-f-]{36})/execution:(?P<number>[0-9]{1,9})")
_RUN = re.compile(r"run:(?P<run>[0-9a-f-]{36})")
_FILE = re.compile(r"file:(?P<file>[0-9a-f-]{36})")
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Content:
    """A content that an entry committed to, and what a release of it is asked with."""

    what: str
    run_id: UUID | None
    subject: str
    media_types: tuple[str, ...]
    blob: Blob


def committed(headers: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[tuple[int, str], Content]:
    """The contents by the entry's index and the commitment's name. What was erased, or is gone, is not among them."""
    subjects = {str(header["subject"]) for _, header in headers}
    by_subject: defaultdict[str, list[Content]] = defaultdict(list)
    for subject, content in [*_of_cells(subjects), *_of_runs(subjects), *_of_files(subjects)]:
        if content.blob.wrapped_key is not None:
            by_subject[subject].append(content)
    known = {subject: {commitment(each.blob): each for each in found} for subject, found in by_subject.items()}
    return {
        (index, name): known[header["subject"]][value]
        for index, header in headers
        for name, value in header["commitments"].items()
        if value in known.get(header["subject"], {})
    }


def _of_cells(subjects: Iterable[str]) -> Iterator[tuple[str, Content]]:
    asked = {(UUID(found["run"]), int(found["number"])) for each in subjects if (found := _CELL.fullmatch(each))}
    cells = Execution.objects.filter(run__in={run for run, _ in asked}, number__in={number for _, number in asked})
    for cell in cells.select_related("code", "prompt", "outputs").prefetch_related("artifacts__blob"):
        if (cell.run_id, cell.number) not in asked:
            continue
        subject, of = f"run:{cell.run_id}/execution:{cell.number}", f"run:{cell.run_id}"
        yield subject, Content("code", cell.run_id, of, ("text/plain",), cell.code)
        if cell.prompt is not None:
            yield subject, Content("prompt", cell.run_id, of, ("text/plain",), cell.prompt)
        if cell.outputs is not None:
            yield subject, Content("outputs", cell.run_id, of, tuple(cell.output_media_types), cell.outputs)
        for artifact in cell.artifacts.all():
            yield subject, Content("artifact", cell.run_id, of, (artifact.media_type,), artifact.blob)


def _of_runs(subjects: Iterable[str]) -> Iterator[tuple[str, Content]]:
    asked = {UUID(found["run"]) for each in subjects if (found := _RUN.fullmatch(each))}
    for run in Run.objects.filter(pk__in=asked).prefetch_related("files__blob"):
        for file in run.files.all():
            yield f"run:{run.id}", Content("file", run.id, f"run:{run.id}", (_UNKNOWN,), file.blob)


def _of_files(subjects: Iterable[str]) -> Iterator[tuple[str, Content]]:
    asked = {UUID(found["file"]) for each in subjects if (found := _FILE.fullmatch(each))}
    for file in File.objects.filter(pk__in=asked).select_related("blob"):
        yield f"file:{file.id}", Content("file", None, f"file:{file.id}", (_UNKNOWN,), file.blob)
