"""DataFrames as data beside their HTML: a reader can sort, filter and page what pandas would cut to one page.

One more media type of a display: {"columns": [{"name", "type"}], "rows": [[value, …], …], "total_rows",
"total_columns"}, with the index as the first columns unless it only counts, times in ISO 8601, and null for what is
missing or no number.
"""

from __future__ import annotations

import json
from typing import Any

from .kernels import OUTPUT_BYTES

MEDIA_TYPE = "application/vnd.bailiwick.table+json"
MAX_ROWS = 100_000
MAX_COLUMNS = 500
CELL_BYTES = 4  # at least, in JSON
NAME_CHARS = 200
KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "datetime", "m": "duration"}


def register(shell: Any) -> None:
    """Have the shell display pandas' tables as data too, from the moment that somebody imports pandas."""
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class TableFormatter(BaseFormatter):  # type: ignore[misc]  # not installed where types are checked
        format_type = Unicode(MEDIA_TYPE)
        print_method = ObjectName("_repr_bailiwick_table_")
        _return_type = dict

    formatter = TableFormatter(parent=shell.display_formatter)
    shell.display_formatter.formatters[MEDIA_TYPE] = formatter
    for module in (
        "pandas",
        "pandas.core.frame",
        "pandas.core.series",
    ):  # as pandas 3 names itself, and as older ones do
        formatter.for_type_by_name(module, "DataFrame", as_table)
        formatter.for_type_by_name(module, "Series", lambda series: as_table(series.to_frame()))


def as_table(frame: Any) -> dict[str, Any] | None:
    """The first rows and columns of a pandas DataFrame; None where they have no such form: its text is shown then."""
    try:
        return _table(frame)
    except Exception:
        return None


def fitted(output: dict[str, Any], most: int) -> dict[str, Any]:
    """The output with so many rows of its table that it has at most `most` bytes; without the table where none fit."""
    table = output["data"].get(MEDIA_TYPE)
    while table is not None and len(json.dumps(output)) > most:
        rows = table["rows"]
        # By a guess of what is too much, and at least by half, so that the end is near.
        table = {**table, "rows": rows[: len(rows) // 2]} if len(rows) > 1 else None
        others = {key: value for key, value in output["data"].items() if key != MEDIA_TYPE}
        output = output | {"data": others if table is None else others | {MEDIA_TYPE: table}}
    return output


def _table(frame: Any) -> dict[str, Any]:
    total_rows, total_columns = frame.shape
    shown = frame.iloc[:MAX_ROWS, :MAX_COLUMNS]
    shown = shown.iloc[: max(1, _output_bytes() // CELL_BYTES // max(1, shown.shape[1]))]
    if not _only_counts(frame.index):
        shown = shown.reset_index(allow_duplicates=True)
    columns = [
        {"name": _name(name), "type": KINDS.get(dtype.kind, "string")}
        for name, dtype in zip(shown.columns, shown.dtypes, strict=True)
    ]
    # Names may come twice, and pandas writes no such table: number them meanwhile.
    shown = shown.set_axis(range(len(columns)), axis=1)
    text = shown.to_json(orient="values", date_format="iso", default_handler=str)
    return {"columns": columns, "rows": json.loads(text), "total_rows": total_rows, "total_columns": total_columns}


def _output_bytes() -> int:
    """What the cell may show in all, as the agent noted it: more of a table would be made for nothing."""
    try:
        return int(OUTPUT_BYTES.read_text())
    except (OSError, ValueError):
        return 1 << 20


def _only_counts(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.name is None and (index.start, index.step) == (0, 1)


def _name(name: Any) -> str:
    return (" / ".join(map(str, name)) if isinstance(name, tuple) else str(name))[:NAME_CHARS]
