"""A run as a notebook that any Jupyter opens."""

from collections.abc import Iterator, Sequence
from typing import Any

import nbformat
import nbformat.v4

from runs import shown
from runs.actions.releasing import Release
from runs.models import Execution, Run

# nbformat carries no annotations.
_v4: Any = nbformat.v4
_nbformat: Any = nbformat
_MAGIC = {"bash": "%%bash\n", "sql": "%%sql\n"}


def encoded(run: Run, cells: Sequence[Execution], release: Release) -> Iterator[bytes]:
    """The notebook as nbformat 4 JSON, with what the release lets pass. Other languages begin with a magic."""
    head = f"Run {run.id} of {run.created_at:%Y-%m-%d %H:%M} UTC\n\nEnvironment {run.environment} {run.image_digest}"
    notebook = _v4.new_notebook(
        cells=[_v4.new_markdown_cell(head), *(_cell(cell, release) for cell in cells)],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "bailiwick": {"run": str(run.id), "image": run.image_digest, "decision": str(run.decision_id)},
        },
    )
    yield _nbformat.writes(notebook, version=4).encode()


def _cell(cell: Execution, release: Release) -> Any:
    source = (shown.content(cell.code) or b"").decode()
    made = _v4.new_code_cell(
        source=_MAGIC.get(cell.language, "") + source,
        execution_count=cell.number,
        outputs=[_nbformat.from_dict(output) for output in shown.outputs(cell, release)],
        metadata={"bailiwick": {"language": cell.language, "state": cell.state, "origin": cell.origin_kind}},
    )
    return made
