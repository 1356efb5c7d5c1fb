"""Head, tail and full text, kept at the source."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox_operator.agent.capture import Capture
from sandbox_operator.agent.frames import Kind


class Sink:
    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.text = b""

    async def send(self, kind: Kind, payload: bytes) -> None:
        if kind is Kind.TEXT:
            self.text += payload
        else:
            self.outputs.append(json.loads(payload))

    def streams(self) -> list[str]:
        return [output["text"] for output in self.outputs if output["output_type"] == "stream"]


def feed(parts: list[tuple[str, str]], output_bytes: int, text_bytes: int) -> tuple[Capture, Sink]:
    sink = Sink()
    capture = Capture(sink.send, output_bytes, text_bytes)

    async def run() -> None:
        for name, text in parts:
            await capture.stream(name, text)
        await capture.finish_text()

    asyncio.run(run())
    return capture, sink


def test_what_fits_goes_out_as_it_is() -> None:
    capture, sink = feed([("stdout", "a"), ("stderr", "b")], 100, 100)
    assert sink.streams() == ["a", "b"] and not capture.cut and sink.text == b""


def test_head_gap_and_tail() -> None:
    capture, sink = feed([("stdout", "0123456789" * 10)], 40, 1000)
    assert [output.get("text", output.get("bytes")) for output in sink.outputs] == ["0123456789" * 3, 60, "0123456789"]
    assert capture.cut and not capture.text_cut and sink.text == b"0123456789" * 7


def test_the_full_text_has_a_limit_of_its_own() -> None:
    capture, sink = feed([("stdout", "x" * 1000)], 40, 50)
    assert capture.text_cut and len(sink.text) == 50


def test_the_tail_keeps_its_streams_apart() -> None:
    _, sink = feed([("stdout", "x" * 100), ("stderr", "err"), ("stdout", "end")], 40, 1000)
    assert [(output["name"], output["text"]) for output in sink.outputs[2:]] == [
        ("stdout", "xxxx"),
        ("stderr", "err"),
        ("stdout", "end"),
    ]


PARTS = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text(max_size=50)), max_size=30)


@given(PARTS, st.integers(8, 400), st.integers(1, 400))
def test_no_limit_is_ever_passed_and_nothing_is_invented(parts: list[tuple[str, str]], limit: int, full: int) -> None:
    capture, sink = feed(parts, limit, full)
    whole = "".join(text for _, text in parts).encode("utf-8", "replace")
    shown = "".join(sink.streams()).encode()
    assert len(shown) <= limit and len(sink.text) <= full
    assert capture.cut or shown == whole
    if capture.cut and not capture.text_cut:
        assert whole.endswith(sink.text)
