"""Head, tail and full text, kept at the source; text gathered into few frames, in order and whole."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox_operator.agent.capture import MAX_ERRORS, MAX_OUTPUTS, TAIL_TURNS, Capture
from sandbox_operator.agent.channel import Channel
from sandbox_operator.agent.frames import DATA_BYTES, HEADER, Kind, parse_header
from sandbox_operator.agent.live import PIECE_BYTES, TURNS, pause
from sandbox_operator.execution import MAX_FRAMES, SLACK_BYTES
from sandbox_operator.outputs import rebuild, size_of


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
        await capture.finish()

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
    whole = "".join(text for _, text in parts).replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
    shown = "".join(sink.streams()).encode()
    assert len(shown) <= limit and len(sink.text) <= full
    assert capture.cut or shown == whole
    if capture.cut and not capture.text_cut:
        assert whole.endswith(sink.text)


def kept_by_stream(outputs: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            found[output["name"]] = found.get(output["name"], "") + output["text"]
    return found


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def failure(text: str, lines: int = 1) -> dict[str, Any]:
    return {"output_type": "error", "ename": "ValueError", "evalue": text, "traceback": [text] * lines}


def test_what_is_printed_in_a_row_leaves_together_and_whole() -> None:
    """Taken out: the gathering. Each of the 60,000 lines is then a frame, three times what the outer end believes."""
    lines = [f"{n}\n" for n in range(60_000)]
    capture, sink = feed([("stdout", line) for line in lines], 1 << 20, 1 << 20)
    assert "".join(sink.streams()) == "".join(lines) and not capture.cut
    assert len(sink.outputs) < 200


def test_what_is_kept_back_comes_a_moment_later_by_itself() -> None:
    async def run() -> list[list[str]]:
        sink = Sink()
        capture = Capture(sink.send, 1000, 1000)
        seen = []
        for text in ("first\n", "second\n", "third\n"):
            await capture.stream("stdout", text)
            seen.append(sink.streams())
        await asyncio.sleep(2 * pause(0))
        return [*seen, sink.streams()]

    assert asyncio.run(run()) == [["first\n"]] * 3 + [["first\n", "second\nthird\n"]]


def test_a_timer_that_wakes_late_sends_nothing_before_its_moment() -> None:
    """Taken out: looking at the clock again after the sleep. Each late timer is then a frame too many."""

    async def run() -> list[list[str]]:
        sink = Sink()
        capture = Capture(sink.send, 1000, 1000)
        await capture.stream("stdout", "a")
        await capture.stream("stdout", "b")
        await asyncio.sleep(0)
        time.sleep(2 * pause(0))  # the whole loop is late, the timer of "b" too
        await capture.stream("stdout", "c")
        await capture.stream("stdout", "d")
        await asyncio.sleep(pause(0) / 5)
        soon = sink.streams()
        await asyncio.sleep(2 * pause(0))
        return [soon, sink.streams()]

    assert asyncio.run(run()) == [["a", "bc"], ["a", "bc", "d"]]


def test_streams_displays_and_errors_stay_in_their_order() -> None:
    """Taken out: sending what was kept back before a display. The displays then overtake the text."""
    sink = Sink()
    capture = Capture(sink.send, 100_000, 1000)

    async def run() -> None:
        for n in range(50):
            await capture.stream("stdout", f"out {n}")
            await capture.stream("stderr", f"err {n}")
            await capture.rich(display(str(n)))
            await capture.stream("stdout", "more")
            await capture.error(failure(f"bad {n}"))
        await capture.finish()

    asyncio.run(run())
    said = [output.get("text") or output.get("evalue") or output["data"]["text/plain"] for output in sink.outputs]
    assert said == [text for n in range(50) for text in (f"out {n}", f"err {n}", str(n), "more", f"bad {n}")]


def test_streams_that_take_turns_without_end_lose_their_turns_and_no_text() -> None:
    parts = [(("stdout", "stderr")[n % 2], f"{n}\n") for n in range(20_000)]
    _, sink = feed(parts, 1 << 20, 1 << 20)
    assert len(sink.outputs) < TURNS + 100
    for name in ("stdout", "stderr"):
        assert kept_by_stream(sink.outputs)[name] == "".join(text for stream, text in parts if stream == name)
    exact = [(output["name"], text) for output in sink.outputs[:1000] for text in output["text"].splitlines(True)]
    assert exact[:1000] == parts[:1000]


def test_a_long_tail_of_turns_is_kept_too() -> None:
    head = [("stderr", "x" * 8000)]
    parts = [(("stdout", "stderr")[n % 2], f"{n}\n") for n in range(150)]
    _, sink = feed(head + parts, 8000, 100_000)
    assert [(output["name"], output["text"]) for output in sink.outputs[-150:]] == parts
    capture, sink = feed(head + parts * 4, 8000, 100_000)
    assert len(sink.outputs) < TAIL_TURNS + 5
    told = sum(map(len, kept_by_stream(sink.outputs).values()))
    assert told + capture.dropped == sum(len(text) for _, text in head + parts * 4)


def test_text_beyond_the_head_is_gathered_too() -> None:
    """Taken out: the gathering of the full text. Every short line is then a frame, and the sandbox is given up."""
    sent: list[Kind] = []

    async def send(kind: Kind, payload: bytes) -> None:
        sent.append(kind)

    async def run() -> None:
        capture = Capture(send, 4000, 8 << 20)
        for n in range(200_000):
            await capture.stream("stdout", f"{n}\n")
        await capture.finish()

    asyncio.run(run())
    assert sent.count(Kind.TEXT) == -(-(sum(len(f"{n}\n") for n in range(200_000)) - 3000) // DATA_BYTES)
    assert len(sent) < 50


def test_however_long_a_cell_prints_its_frames_stay_below_the_outer_bound() -> None:
    """What does not wait for its moment is bounded by count: displays and the text before them, turns, whole pieces."""
    elapsed, frames = 0.0, 0
    while elapsed < 4 * 3600:
        elapsed += pause(frames)
        frames += 1
        assert elapsed > 400 or pause(frames) <= 0.1, "no longer live"
    unpaced = 3 * MAX_OUTPUTS + TURNS + (8 << 20) // PIECE_BYTES + 3 * MAX_ERRORS + TAIL_TURNS
    assert frames + unpaced < MAX_FRAMES


def test_a_traceback_after_the_cut_comes_last_and_a_great_many_become_text() -> None:
    """What the outer end counts stays within what it allows, whatever the code makes of it."""
    sink = Sink()
    capture = Capture(sink.send, 4000, 100_000)

    async def run() -> None:
        await capture.error(failure("\N{GRINNING FACE}" * 100_000, lines=5000))
        await capture.stream("stdout", "x" * 5000)
        for _ in range(300):
            await capture.error(failure("y" * 5000))
        await capture.finish()

    asyncio.run(run())
    errors = [output for output in sink.outputs if output["output_type"] == "error"]
    assert 2 <= len(errors) <= MAX_ERRORS and sink.outputs[-1]["output_type"] == "error"
    shown = sum(size_of(rebuild(output)) for output in sink.outputs if output["output_type"] != "gap")
    assert shown <= 4000 + SLACK_BYTES and capture.cut


def test_displays_beyond_their_number_are_told_of_and_cut_no_text() -> None:
    sink = Sink()
    capture = Capture(sink.send, 1 << 20, 1000)

    async def run() -> None:
        for n in range(MAX_OUTPUTS + 50):
            await capture.rich(display(str(n)))
        await capture.stream("stdout", "after\n")
        await capture.finish()

    asyncio.run(run())
    assert sum(output["output_type"] == "display_data" for output in sink.outputs) == MAX_OUTPUTS
    told = kept_by_stream(sink.outputs)
    assert told["stderr"].count("is left out: a cell shows 2,000 of them") == 50
    assert told["stdout"] == "after\n" and not capture.cut


def test_a_frame_that_was_begun_goes_out_whole() -> None:
    """Taken out: the shield in Channel.send. The reader then has part of the first frame, and the second within it."""
    ours, theirs = socket.socketpair()

    def read() -> bytes:
        return b"".join(iter(lambda: ours.recv(1 << 20), b""))

    async def run() -> bytes:
        channel = Channel(theirs)
        sending = asyncio.create_task(channel.send(Kind.OUTPUT, b"x" * (4 << 20)))
        await asyncio.sleep(0.05)
        sending.cancel()
        reading = asyncio.create_task(asyncio.to_thread(read))
        await channel.send(Kind.DONE, b"{}")
        theirs.shutdown(socket.SHUT_WR)
        return await reading

    with ours, theirs:
        whole = asyncio.run(run())
    assert parse_header(whole[: HEADER.size]).length == 4 << 20
    assert len(whole) == HEADER.size + (4 << 20) + HEADER.size + 2
