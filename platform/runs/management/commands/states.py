"""Print docs/states.md from the transition tables, so that the document cannot drift from the code."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management.base import BaseCommand

from runs.states import EXECUTION_STATIONS, RUN_STATIONS, Station

HEAD = """# States

Generated from `platform/runs/states.py` by `make generated`; do not edit.

Each state has one owner that must move it on. When its deadline passes, a sweep moves it to the state in the last
column. A deadline of "limits" is set from the run's own limits when the state is entered.
"""


def _table(stations: Mapping[Any, Station]) -> Iterable[str]:
    yield "| state | owner | deadline | may become | when overdue |"
    yield "|---|---|---|---|---|"
    for state, station in stations.items():
        set_when = str(station.deadline) if station.deadline else "limits"
        deadline = set_when if station.after else "none"
        after = ", ".join(sorted(str(one) for one in station.after)) or "nothing"
        yield f"| {state} | {station.owner} | {deadline} | {after} | {station.overdue or 'nothing'} |"


class Command(BaseCommand):
    """`manage.py states > docs/states.md`."""

    help = "Print the state machines as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document to standard output."""
        lines = [HEAD, "## Runs", "", *_table(RUN_STATIONS), "", "## Executions", "", *_table(EXECUTION_STATIONS)]
        self.stdout.write("\n".join(lines))
