"""The same programs through the same API, on pods and on the local backend: nobody can tell where they ran."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.corpus import FILES, PROGRAMS, Program
from tests.cluster.platform import Platform
from tests.stack import Stack
from tests.work import FINISHED, Served, Work

# What names this very run or moment: IPython's temporary files, and addresses of objects.
OF_THE_MOMENT = re.compile(r"/tmp/ipykernel_\d+/\d+\.py|0x[0-9a-f]{6,}")


class Place:
    """One platform, with a run for the programs that share one: what a sandbox costs is not paid for each."""

    def __init__(self, served: Served) -> None:
        self.work = Work(served)
        self.files = [self.work.upload(name, content)["id"] for name, content in FILES.items()]
        self.shared: str | None = None

    def run(self, **limits: Any) -> str:
        return str(self.work.until(self.work.run(files=self.files, limits=limits)["id"], "ready", within=60)["id"])

    def end(self, run: str) -> dict[str, Any]:
        """What an analyst hears of its end."""
        self.work.cancel(run)
        ended = self.work.get(run)
        return {"run": ended["state"], "ending": ended["ending"]}

    def told(self, program: Program) -> list[dict[str, Any]]:
        """What an analyst hears of each cell, and of the end where the run is the program's own."""
        if not program.alone:
            self.shared = self.shared or self.run()
            return [heard_of(self.work, self.shared, cell) for cell in self.done(self.shared, program)]
        run = self.run(**program.limits)
        heard = [heard_of(self.work, run, cell) for cell in self.done(run, program)]
        if heard[-1]["state"] == "timed_out":
            # Whether it was interrupted in time, or its sandbox was ended, is the machine's load and not the place.
            return [{"state": "timed_out", "code": heard[-1]["ending"]["code"]}]
        return [*heard, self.end(run)]

    def done(self, run: str, program: Program) -> Iterator[dict[str, Any]]:
        return (self.work.done(run, code, program.language) for code in program.cells)


@pytest.fixture(scope="module")
def places(platform: Platform, _whole_stack: Stack) -> Iterator[tuple[Place, Place]]:
    """On pods, and on one machine."""
    places = Place(platform), Place(_whole_stack)
    yield places
    ends = [place.end(place.shared) for place in places if place.shared]
    for place in places:
        place.work.api.close()
    assert len(ends) == 2 and ends[0] == ends[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_a_program_has_one_result(places: tuple[Place, Place], stack: Stack, program: Program) -> None:
    """Outputs, tracebacks, figures to the byte, files with their digests, how it ended and what its author is told."""
    there, here = places
    assert there.told(program) == here.told(program)


def test_the_programs_are_of_every_kind() -> None:
    """A corpus that lost its figures would prove less and still pass."""
    names = [program.name for program in PROGRAMS]
    assert len(set(names)) == len(names) >= 30
    assert {program.language for program in PROGRAMS} == {"python", "sql", "bash"}


def heard_of(work: Work, run: str, cell: dict[str, Any]) -> dict[str, Any]:
    """One cell, without what no two runs have in common."""
    assert cell["state"] in FINISHED
    files = [(each["name"], each["size"], each["sha256"], each["media_type"]) for each in cell["artifacts"]]
    return {
        "state": cell["state"],
        "ending": cell["ending"],
        "truncated": cell["truncated"],
        "outputs": [plain(output) for output in joined(cell["outputs"])],
        # The whole text of a cut output is an artifact, as long as its program ran.
        "artifacts": sorted(files),
        "skipped": cell["skipped_artifacts"],
        "contents": {name: work.api.get(f"runs/{run}/artifacts/{name}").status_code for name, *_ in files},
    }


def joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Text of one stream may come in one piece or in several."""
    whole: list[dict[str, Any]] = []
    for output in outputs:
        if whole and output["output_type"] == "stream" and whole[-1].get("name") == output["name"]:
            whole[-1] = {**whole[-1], "text": whole[-1]["text"] + output["text"]}
        else:
            whole.append(output)
    return whole


def plain(value: Any) -> Any:
    """The value with placeholders for what is of the moment."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return OF_THE_MOMENT.sub("…", value) if isinstance(value, str) else value
