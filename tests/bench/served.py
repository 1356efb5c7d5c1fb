"""What a run on pods costs whoever asks for it: the platform as processes of this machine, its sandboxes pods."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.figures import Row
from tests.bench.pods import is_ready, until_at_rest
from tests.bench.rows import first_result, following, moved
from tests.cluster.local import OnPods
from tests.cluster.policies import until
from tests.work import Work

MEGABYTES = 64 << 20


def submit(stack: OnPods, times: int, floor: int) -> Iterator[Row]:
    """Submit to result of 1+1: a run's first execution on a warm pod, and its next ones."""
    with Work(stack) as work:
        first = [first_result(work, lambda: until_at_rest(stack.pods, floor)) for _ in range(times + 5)]
        until_at_rest(stack.pods, floor)
        next_ones, governing = following(work, stack, times * 3)
    yield Row("submit → result of `1+1`, a run's first, warm pod", "250 / 600 ms", first[5:], [], "")
    yield Row("submit → result of `1+1`, the run's next", "120 / 400 ms", next_ones, [], "")
    yield Row("governance as part of that", "–", governing, [], "")


def files(stack: OnPods, times: int, floor: int) -> Iterator[Row]:
    """A file from its upload into a sandbox, and an artifact out of it to a download."""
    content = b"0123456789abcdef" * (MEGABYTES // 16)

    def at_rest() -> None:
        until(lambda: stack.pods.warm() >= floor and all(map(is_ready, stack.pods.items())), 120)

    into, out = moved(stack, times, content, at_rest)
    yield Row("file in: upload, seal, claim, open, into the pod", "≥ 20 MB/s", into, [], "64 MiB", "MB/s")
    yield Row("artifact out: listed, sealed, opened, downloaded", "≥ 20 MB/s", out, [], "64 MiB", "MB/s")
