"""How a table is made to fit the output's limit. That tables become such data at all: the contract suite."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox_operator.agent.tables import MEDIA_TYPE, fitted


def display(rows: list[list[Any]], text: str = "") -> dict[str, Any]:
    table = {"columns": [{"name": "a", "type": "string"}], "rows": rows, "total_rows": len(rows), "total_columns": 1}
    return {"output_type": "display_data", "data": {"text/plain": text, MEDIA_TYPE: table}, "metadata": {}}


def test_what_fits_stays_as_it_is() -> None:
    output = display([["x"]] * 10)
    assert fitted(output, 1000) is output
    plain = {"output_type": "display_data", "data": {"text/plain": "x" * 100}, "metadata": {}}
    assert fitted(plain, 10) is plain


@given(st.integers(0, 300), st.integers(0, 5000))
def test_a_table_is_cut_to_its_first_rows_or_taken_out(count: int, most: int) -> None:
    output = display([[f"row {n}"] for n in range(count)])
    result = fitted(output, most)
    table = result["data"].get(MEDIA_TYPE)
    if table is None:
        assert result["data"] == {"text/plain": ""}
        return
    assert len(json.dumps(result)) <= most
    assert table["rows"] == output["data"][MEDIA_TYPE]["rows"][: len(table["rows"])]
    assert table["total_rows"] == count


def test_an_output_without_a_bundle_is_left_alone() -> None:
    assert fitted(display([["x" * 500]], text="t" * 50), 300)["data"] == {"text/plain": "t" * 50}
