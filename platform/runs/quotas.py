"""What of the platform a person has in use, and what is left of it."""

from dataclasses import dataclass
from uuid import UUID

import identity.queries
from config.environment import settings
from gateways import sandboxes
from identity.callers import Caller
from runs import lists, queries, rules

PERSON, PLATFORM = "person", "platform"


@dataclass(frozen=True)
class Quota:
    """One thing that is used up; `limit` is None where none is set, or nobody can tell it now."""

    name: str
    scope: str
    title: str
    used: int
    limit: int | None

    @property
    def left(self) -> int | None:
        """How much more there may be."""
        return None if self.limit is None else max(0, self.limit - self.used)


def of(by: Caller, project_id: UUID | None) -> list[Quota]:
    """The caller's use, of one project or of all that they see, and the platform's. Raises NotFound."""
    mine = lists.alive(by)
    if project_id is not None:
        mine = mine.filter(project=identity.queries.project(by, project_id).pk)
    pool = sandboxes.health()
    return [
        Quota("live_runs", PERSON, "Your runs that have not ended", mine.count(), None),
        Quota("uploads", PERSON, "Your unfinished uploads", queries.unfinished_uploads(by), rules.MOST_UPLOADS),
        Quota("queue", PLATFORM, "Runs that wait for a sandbox", queries.queue_length(), settings().queue_length),
        Quota("sandboxes", PLATFORM, "Sandboxes that serve a run", pool.claimed, pool.max if pool.ok else None),
    ]
