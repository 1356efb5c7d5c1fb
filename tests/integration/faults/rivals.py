"""`python -m tests.integration.faults.rivals begin_start|begin_execution RUN RIVALS`: prints how many won."""

import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID


def main(action: str, run_id: UUID, rivals: int) -> None:
    """All of them let go at the same moment."""
    from django.db import connections

    from runs import actions, queries

    begin: dict[str, Callable[[], object | None]] = {
        "begin_start": lambda: actions.begin_start(run_id),
        "begin_execution": lambda: actions.begin_execution(cells.pop()),
    }
    # Each as a worker of its own read it.
    found = [queries.waiting_execution(run_id) for _ in range(rivals)] if action == "begin_execution" else []
    cells = [cell for cell in found if cell is not None]
    together = threading.Barrier(rivals)

    def compete(_: int) -> bool:
        with connections["default"].cursor():
            together.wait()
        try:
            return begin[action]() is not None
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(rivals) as pool:
        print(json.dumps(sum(pool.map(compete, range(rivals)))))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3]))
