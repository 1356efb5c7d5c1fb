"""Packages looked up before they are asked for: each by itself, quickly enough for somebody who types.

The policy is asked as it will be asked about a run, with one package in the place of all. What a package brings along
is not looked at: that takes the package index, and a preview.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

import audit
import catalogue.queries
import identity.queries
import policy.actions
import policy.queries
from config.errors import Invalid, Reason, concerning
from config.verdicts import require
from gateways.opa import Answer
from identity.callers import Caller
from runs import questions, rules

if TYPE_CHECKING:
    from catalogue.models import Environment
    from identity.models import Project

PURPOSE = "To look up which packages may be used."
# Stands for the version of a package that is named without one, and is in no range.
NO_VERSION = "?"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Checked:
    """One package as it was written, and what is to be said of it; `image_version` is what is there without asking."""

    asked: str
    name: str | None
    version: str | None
    outcome: str
    reasons: tuple[Reason, ...]
    image_version: str | None


@dataclass(frozen=True)
class _Written:
    """One package as far as it can be read: a name alone has NO_VERSION, and `fault` says what is wrong with it."""

    text: str
    name: str | None
    version: str = NO_VERSION
    fault: Reason | None = None


@audit.refusals
def check(project_id: UUID, environment_name: str, asked: Sequence[str], *, by: Caller) -> list[Checked]:
    """Look up packages for a project. Raises NotFound, Invalid(`unknown_environment`) or Refused(`not_an_analyst`)."""
    project = identity.queries.project(by, project_id)
    with concerning(project.id):
        require(rules.may_request(project.id, by))
        environment = catalogue.queries.environment(environment_name)
        return _checked([_read(text) for text in asked], _Asker(project, environment, by))


def _checked(written: Sequence[_Written], asker: _Asker) -> list[Checked]:
    named = [one for one in written if one.name is not None]
    # Most of what people write may pass: then one question is enough. So it is where nobody answers.
    together = asker.ask(named) if named else None
    found = []
    for one in written:
        if one.name is None or together is None:
            found.append(Checked(one.text, None, None, "deny", _given(one.fault), None))
            continue
        answer = asker.ask([one]) if together.revision and not together.allowed else together
        others = {other.version for other in named if other.name == one.name} - {NO_VERSION}
        faults = _given(one.fault or asker.conflict(one), _twice(one.name) if len(others) > 1 else None)
        found.append(
            Checked(
                one.text,
                one.name,
                None if one.version == NO_VERSION else one.version,
                "deny" if faults else answer.outcome,
                (*answer.reasons, *faults),
                asker.image.get(one.name),
            )
        )
    return found


class _Asker:
    """Asks policy, and the image, for one person in one project."""

    def __init__(self, project: Project, environment: Environment, by: Caller) -> None:
        self._project = project
        self._environment = environment
        self._by = by
        self._limits = rules.resolved_limits({}, policy.queries.limits())
        self.image = catalogue.queries.image_versions(environment)

    def conflict(self, one: _Written) -> Reason | None:
        return catalogue.queries.image_conflict(self._environment, one.name or "", one.version)

    def ask(self, packages: Iterable[_Written]) -> Answer:
        question = questions.about_run(
            self._project,
            self._by,
            purpose=PURPOSE,
            environment={"name": self._environment.name, "digest": self._environment.digest},
            packages=[{"name": one.name, "version": one.version, "requested": True} for one in packages],
            stage="asked",
            connectors=[],
            limits=self._limits,
            file_sizes=[],
            language=None,
            now=timezone.now(),
        )
        return policy.actions.evaluate("run", question)


def _read(text: str) -> _Written:
    try:
        return _Written(text, *rules.parsed_pin(text))
    except Invalid as refused:
        fault = Reason(refused.code, refused.message, refused.remedy)
    bare = text.strip()
    name = re.sub(r"[-_.]+", "-", bare).lower() if _NAME.fullmatch(bare) else None
    return _Written(text, name, fault=fault)


def _given(*reasons: Reason | None) -> tuple[Reason, ...]:
    return tuple(reason for reason in reasons if reason is not None)


def _twice(name: str) -> Reason:
    return Reason("packages_conflict", f"packages: {name} is asked for in two versions.", "Ask for one of them.")
