"""A request as it arrived, and what policy says of it: in the door, before any transaction, for it waits for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

import audit
import catalogue.actions
import catalogue.queries
import identity.queries
import policy.actions
import policy.queries
from config.errors import BailiwickError, Invalid, Refused, TooLarge, concerning
from config.verdicts import Denied, require
from gateways.opa import Answer
from identity.callers import Caller
from identity.states import TokenKind
from runs import queries, questions, rules
from runs.analysis import analyse
from runs.models import Execution, File, Run

if TYPE_CHECKING:
    from catalogue.models import Environment, PackageClosure
    from identity.models import Project

CODE_BYTES = 1 << 20
PROMPT_BYTES = 256 << 10


@dataclass(frozen=True)
class Origin:
    """Who wrote a piece of code: a person, or a model with its name, the prompt, and the attempt it corrects."""

    kind: TokenKind = TokenKind.PERSON
    model: str | None = None
    prompt: str | None = None
    corrects: int | None = None


@dataclass(frozen=True)
class CodeDraft:
    """One cell as asked for."""

    language: str
    code: str
    origin: Origin = Origin()


@dataclass(frozen=True)
class RunDraft:
    """One run as asked for; `code` makes it a one-shot."""

    project_id: UUID
    environment: str
    purpose: str
    packages: list[str] = field(default_factory=list)
    connectors: list[str] = field(default_factory=list)
    limits: dict[str, float] = field(default_factory=dict)
    files: list[UUID] = field(default_factory=list)
    code: CodeDraft | None = None


@dataclass(frozen=True)
class Asked:
    """One question to policy with its answer, not yet recorded."""

    point: str
    input: Mapping[str, Any]
    answer: Answer


@dataclass(frozen=True)
class CodeProposal:
    """One cell with what analysis and policy said of it."""

    draft: CodeDraft
    content: bytes
    analysis: dict[str, Any]
    asked: Asked


@dataclass(frozen=True)
class RunProposal:
    """One run with all that was found out before it is recorded."""

    draft: RunDraft
    project: Project
    environment: Environment
    files: list[File]
    limits: dict[str, float]
    closure: PackageClosure | None
    asked: list[Asked]
    code: CodeProposal | None

    @property
    def outcome(self) -> str:
        """The strictest answer of all that was asked."""
        outcomes = {one.answer.outcome for one in self.asked}
        return next(outcome for outcome in ("deny", "review", "allow") if outcome in outcomes)

    @property
    def decisive(self) -> Asked:
        """The question that settles the run: the first with the strictest answer, or the last when all allow."""
        if self.outcome == "allow":
            return [one for one in self.asked if one.point == "run"][-1]
        return next(one for one in self.asked if one.answer.outcome == self.outcome)


def checked_code(draft: CodeDraft, by: Caller) -> bytes:
    """The cell's bytes. Raises TooLarge or Invalid; a model's token cannot speak as a person."""
    try:
        content = draft.code.encode()
        (draft.origin.prompt or "").encode()
    except UnicodeEncodeError as fault:
        raise Invalid("code_not_utf8", "The code or its prompt is not valid Unicode.") from fault
    if len(content) > CODE_BYTES:
        raise TooLarge(
            "code_too_large",
            f"code: {len(content):,} bytes; one execution takes at most {CODE_BYTES:,}.",
            remedy="Upload data as a file, and keep the code that reads it.",
        )
    if by.kind is TokenKind.MODEL and draft.origin.kind is not TokenKind.MODEL:
        raise Refused("origin_not_stated", "A model's token states its origin as a model.", remedy="Send origin.model.")
    return content


def propose_code(draft: CodeDraft, project: Project, run: Mapping[str, str], by: Caller) -> CodeProposal:
    """Analyse a cell and ask `bailiwick.execution` about it."""
    content = checked_code(draft, by)
    analysis = analyse(draft.code, draft.language).as_input()
    return CodeProposal(
        draft, content, analysis, _ask_execution(draft.language, draft.origin, analysis, project, run, by)
    )


def _ask_execution(
    language: str, origin: Origin, analysis: Mapping[str, Any], project: Project, run: Mapping[str, str], by: Caller
) -> Asked:
    question = questions.about_execution(
        project,
        by,
        run=run,
        language=language,
        origin={"kind": origin.kind.value, "model": origin.model},
        code=analysis,
        now=timezone.now(),
    )
    return Asked("execution", question, policy.actions.evaluate("execution", question))


def reconsider_execution(execution: Execution, by: Caller) -> Asked:
    """Ask about a recorded cell again: its decision is older than a minute, or another revision's."""
    run = execution.run
    origin = Origin(TokenKind(execution.origin_kind), execution.origin_model or None)
    about = {"id": str(run.id), "environment": run.environment, "purpose": run.purpose}
    return _ask_execution(execution.language, origin, execution.analysis, run.project, about, by)


@audit.refusals
def propose_run(draft: RunDraft, by: Caller) -> RunProposal:
    """Find out all that the answer needs. Raises NotFound or Refused for what no policy has to judge."""
    project = identity.queries.project(by, draft.project_id)
    with concerning(project.id):
        return _proposed(draft, project, by)


def _proposed(draft: RunDraft, project: Project, by: Caller) -> RunProposal:
    require(rules.may_request(project.id, by))
    environment = catalogue.queries.environment(draft.environment)
    files = queries.files(by, project.id, draft.files)
    _require_of_a_new_run(draft, files)
    limits = _limits(draft)
    asked, closure = _ask_run(draft, project, environment, files, limits, by)
    code = None
    if draft.code is not None:
        about = {"id": "", "environment": environment.name, "purpose": draft.purpose}
        code = propose_code(draft.code, project, about, by)
        asked.append(code.asked)
    return RunProposal(draft, project, environment, files, limits, closure, asked, code)


def _require_of_a_new_run(draft: RunDraft, files: list[File]) -> None:
    verdict = rules.may_lie_together([file.name for file in files])
    if isinstance(verdict, Denied):
        raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)
    if draft.code is not None and draft.code.origin.corrects is not None:
        raise Invalid(
            "unknown_execution",
            "origin.corrects: a new run has no execution that its code could correct.",
            remedy="Leave corrects out, or add the code to the run that it corrects.",
        )


def _limits(draft: RunDraft) -> dict[str, float]:
    known = policy.queries.limits()
    unknown = sorted(set(draft.limits) - set(known))
    if unknown:
        raise Invalid(
            "unknown_limit",
            f"limits: {', '.join(name[:100] for name in unknown[:20])} is not a limit.",
            remedy=f"The limits are {', '.join(sorted(known))}.",
        )
    return rules.resolved_limits(draft.limits, known)


def _ask_run(
    draft: RunDraft,
    project: Project,
    environment: Environment,
    files: list[File],
    limits: dict[str, float],
    by: Caller,
) -> tuple[list[Asked], PackageClosure | None]:
    def ask(stage: str, packages: list[dict[str, Any]]) -> Asked:
        question = questions.about_run(
            project,
            by,
            purpose=draft.purpose,
            environment={"name": environment.name, "digest": environment.digest},
            packages=packages,
            stage=stage,
            connectors=draft.connectors,
            limits=limits,
            file_sizes=[file.blob.size for file in files],
            language=draft.code.language if draft.code else None,
            now=timezone.now(),
        )
        return Asked("run", question, policy.actions.evaluate("run", question))

    wanted = [rules.parsed_pin(pin) for pin in draft.packages]
    asked = [ask("asked", [{"name": name, "version": version, "requested": True} for name, version in wanted])]
    if not wanted or asked[0].answer.outcome == "deny":
        return asked, None
    closure = catalogue.actions.resolve(environment, draft.packages)
    return [*asked, ask("closure", _named(closure.pins))], closure


def _named(pins: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: pin[key] for key in ("name", "version", "requested")} for pin in pins]


@dataclass(frozen=True)
class Anew:
    """A recorded run asked about again, and the image that its environment's name means now."""

    asked: Asked
    image_digest: str
    closure: PackageClosure | None


def reconsider_run(run: Run, by: Caller) -> Anew:
    """Ask about a recorded run again. Where its environment has another image by now, about the run on that one.

    Sandboxes of the former image go away: who kept to it would wait for one that nobody makes any more.
    """
    image_digest, closure = _present_image(run)
    pins = closure.pins if closure else run.closure_pins
    first = run.executions.order_by("number").first() if run.one_shot else None
    question = questions.about_run(
        run.project,
        by,
        purpose=run.purpose,
        environment={"name": run.environment, "digest": image_digest},
        packages=_named(pins),
        stage="closure" if pins else "asked",
        connectors=run.connectors,
        limits=run.limits,
        file_sizes=list(run.files.values_list("blob__size", flat=True)),
        language=first.language if first else None,
        now=timezone.now(),
    )
    return Anew(Asked("run", question, policy.actions.evaluate("run", question)), image_digest, closure)


def _present_image(run: Run) -> tuple[str, PackageClosure | None]:
    """The image to ask about and, where that is another than the run's, the run's packages resolved for it.

    What the present image cannot serve (it has no such name, or the packages do not fit it) stays as it was decided.
    """
    try:
        environment = catalogue.queries.environment(run.environment)
        if environment.digest == run.image_digest:
            return run.image_digest, None
        closure = catalogue.actions.resolve(environment, run.packages) if run.packages else None
    except BailiwickError:
        return run.image_digest, None
    return environment.digest, closure
