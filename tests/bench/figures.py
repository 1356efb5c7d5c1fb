"""One row of the table: what was measured, how often, against what raw part."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Of these the bad end is the low one.
HIGH_IS_GOOD = ("MB/s", "lines/s", "points", "/s")


@dataclass(frozen=True)
class Row:
    """`samples` and `raw` in `unit`; the ratio is median to median of the same invocation."""

    what: str
    target: str
    samples: list[float]
    raw: list[float]
    raw_what: str
    unit: str = "ms"

    def printed(self) -> str:
        """The row as Markdown."""
        median = statistics.median(self.samples)
        high = -p99(-sample for sample in self.samples) if self.unit in HIGH_IS_GOOD else p99(self.samples)
        ratio = f"{median / statistics.median(self.raw):.3g}" if self.raw else "–"
        beside = f"{statistics.median(self.raw):,.3g} {self.unit} ({self.raw_what})" if self.raw else self.raw_what
        figures = f"{median:,.4g} {self.unit} | {high:,.4g} {self.unit} | {ratio}"
        return f"| {self.what} | {self.target} | {figures} | {beside} | {len(self.samples)} |"


HEAD = "| what | target | median | p99 | median ÷ raw | raw | n |\n|---|---|---|---|---|---|---|"


def p99(samples: Iterable[float]) -> float:
    """The nearest-rank 99th percentile; with fewer than 100 samples, the largest."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * 99 // 100) - 1)]


@contextmanager
def timed(samples: list[float]) -> Iterator[None]:
    """Add the milliseconds spent inside."""
    begun = time.perf_counter()
    yield
    samples.append((time.perf_counter() - begun) * 1000)


def repeated(times: int, work: Callable[[], object], *, warm_up: int = 0) -> list[float]:
    """Milliseconds of each call, after some that do not count."""
    for _ in range(warm_up):
        work()
    samples: list[float] = []
    for _ in range(times):
        with timed(samples):
            work()
    return samples
