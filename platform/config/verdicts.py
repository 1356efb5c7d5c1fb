"""What a rule answers, and the one way to act on it."""

from dataclasses import dataclass

from config.errors import Conflict, Refused


@dataclass(frozen=True)
class Allowed:
    """The rule lets it pass."""


@dataclass(frozen=True)
class Denied:
    """The rule does not let it pass. `conflict` says that the thing's state, not the person, is in the way."""

    code: str
    message: str = ""
    remedy: str = ""
    conflict: bool = False


def require(verdict: Allowed | Denied) -> None:
    """Raise unless given an Allowed, so that a rule that forgot to return refuses."""
    if isinstance(verdict, Allowed):
        return
    if isinstance(verdict, Denied):
        kind = Conflict if verdict.conflict else Refused
        raise kind(verdict.code, verdict.message or verdict.code.replace("_", " "), remedy=verdict.remedy)
    raise Refused("no_verdict", "A rule gave no verdict; nothing was done.")
