"""Who may do what to a run, and when. Pure: no database, no clock, no network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from config.errors import Invalid
from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role, TokenKind
from policy.queries import Limit
from runs.models import Run, Upload
from runs.states import ACCEPTS_CODE, FINISHED, RunState

type Verdict = Allowed | Denied

MAY_SEE = frozenset({Role.ANALYST, Role.REVIEWER, Role.AUDITOR, Role.PLATFORM_ADMIN})
NAME_BYTES = 255
MOST_UPLOADS = 20
# A piece smaller than this is kept all the same (a connection broke), but not without end: each is a file and a row.
PART_BYTES = 256 << 10
SPARE_PARTS = 256
# What the sandbox keeps for itself beside the files of a run.
RESERVED_NAMES = frozenset({"outputs", ".tmp"})
_PIN = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]{0,62})")
_FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\]")


@dataclass(frozen=True)
class Load:
    """What counts against a run's limits when one more execution is asked for."""

    open_executions: int


def may_request(project_id: UUID, caller: Caller) -> Verdict:
    """Whether the caller may ask for a run in the project."""
    if Role.ANALYST not in caller.roles_in(project_id):
        return Denied(
            "not_an_analyst",
            "Runs and files belong to analysts of the project.",
            "Ask a platform admin of the project for the role analyst.",
        )
    return Allowed()


def may_see_health(caller: Caller) -> Verdict:
    """Whether the caller may look at the platform's parts."""
    if not caller.projects_as(Role.PLATFORM_ADMIN):
        return Denied(
            "not_a_platform_admin",
            "The platform's health is for platform admins, with a token or a session of their own.",
            "Ask a platform admin; /readyz says whether the platform is ready.",
        )
    return Allowed()


def may_execute(run: Run, caller: Caller, load: Load) -> Verdict:
    """Whether the caller may add a cell to the run."""
    if caller.user_id != run.owner_id:
        return Denied("not_yours", "Only the person who asked for a run adds code to it.", "Ask for a run of your own.")
    if run.state in FINISHED:
        return Denied(
            "already_finished", f"The run is {run.state}; its sandbox is gone.", "Ask for a new run.", conflict=True
        )
    if run.state not in ACCEPTS_CODE:
        return Denied("not_accepting_code", f"The run is {run.state} and takes no code now.", conflict=True)
    if run.one_shot:
        return Denied(
            "one_shot",
            "This run was asked for with its only code and closes itself.",
            "Ask for a run without code, then add executions to it.",
            conflict=True,
        )
    most = int(run.limits["open_executions"])
    if load.open_executions >= most:
        return Denied(
            "too_many_open_executions",
            f"open_executions: {load.open_executions} executions wait or run; the limit of this run is {most}.",
            "Wait for one to end, or ask for the run with a higher open_executions.",
            conflict=True,
        )
    return Allowed()


def may_interrupt(run: Run, caller: Caller) -> Verdict:
    """Whether the caller may interrupt what the run executes."""
    if caller.user_id != run.owner_id:
        return Denied("not_yours", "Only the person who asked for a run interrupts it.")
    if run.state != RunState.EXECUTING:
        return Denied("nothing_to_interrupt", f"The run is {run.state}; it executes nothing.", conflict=True)
    return Allowed()


def may_close(run: Run, caller: Caller) -> Verdict:
    """Whether the caller may close the run."""
    if caller.user_id != run.owner_id:
        return Denied("not_yours", "Only the person who asked for a run closes it.")
    if run.state in FINISHED:
        return Denied("already_finished", f"The run is already {run.state}.", conflict=True)
    if run.state != RunState.READY:
        return Denied(
            "not_idle",
            f"The run is {run.state}; a run is closed when it has nothing to do.",
            "Wait for it, or cancel the run.",
            conflict=True,
        )
    return Allowed()


def may_cancel(run: Run, caller: Caller) -> Verdict:
    """Whether the caller may end the run now."""
    admin = Role.PLATFORM_ADMIN in caller.roles_in(run.project_id) and caller.kind is TokenKind.PERSON
    if caller.user_id != run.owner_id and not admin:
        return Denied(
            "not_yours", "Only the person who asked for a run, or a platform admin of its project, cancels it."
        )
    if run.state in FINISHED:
        return Denied("already_finished", f"The run is already {run.state}.", conflict=True)
    return Allowed()


def may_begin_upload(unfinished: int) -> Verdict:
    """Whether a person who has so many unfinished uploads may begin another."""
    if unfinished >= MOST_UPLOADS:
        return Denied(
            "too_many_uploads",
            f"{unfinished} of your uploads are unfinished; a person has at most {MOST_UPLOADS}.",
            "Finish one, or end one.",
            conflict=True,
        )
    return Allowed()


def may_continue_upload(upload: Upload, offset: int) -> Verdict:
    """Whether a piece that begins at the offset may be added to the upload."""
    if offset != upload.received:
        return Denied(
            "upload_offset_differs",
            f"Upload-Offset: {offset}; the upload stands at {upload.received}.",
            "Ask where it stands with HEAD, and go on from there.",
            conflict=True,
        )
    most = SPARE_PARTS + upload.size // PART_BYTES
    if upload.pieces >= most:
        return Denied(
            "upload_too_fine",
            f"The upload came in {upload.pieces} pieces, which is as many as one of {upload.size:,} bytes may have.",
            "End it, and send larger pieces.",
            conflict=True,
        )
    return Allowed()


def may_end_upload(upload: Upload) -> Verdict:
    """Whether an upload may be given up."""
    if upload.finished:
        return Denied("already_finished", "The upload is finished; its file stands by itself.", conflict=True)
    return Allowed()


def may_name_file(name: str) -> Verdict:
    """Whether a file may bear the name: one path segment that every system can keep."""
    if not name or name in {".", ".."}:
        return Denied("file_name_empty", "A file needs a name.", "Send a file name in the part's header.")
    if _FORBIDDEN_IN_NAMES.search(name):
        return Denied(
            "file_name_forbidden",
            "A file name may hold no path separators, NUL or other control characters.",
            "Send the last part of the path alone.",
        )
    if len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES or not _is_utf8(name):
        return Denied(
            "file_name_too_long", f"A file name may have at most {NAME_BYTES} bytes of UTF-8.", "Shorten the name."
        )
    return Allowed()


def may_lie_together(names: Sequence[str]) -> Verdict:
    """Whether a run's files find room side by side in its one folder."""
    for name in names:
        if names.count(name) > 1:
            return Denied(
                "file_name_twice",
                f"files: two are named {name!r}, and one would replace the other.",
                "Upload one of them under another name.",
            )
        if name in RESERVED_NAMES:
            return Denied(
                "file_name_reserved",
                f"files: {name!r} is the name of a folder that every sandbox has.",
                "Upload it under another name.",
            )
    return Allowed()


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parsed_pin(text: str) -> tuple[str, str]:
    """Name (as PEP 503 normalises it) and version of an exact pin. Raises Invalid(`package_not_pinned`)."""
    match = _PIN.fullmatch(text.strip())
    if match is None:
        raise Invalid(
            "package_not_pinned",
            f"packages: {text[:100]!r} is not an exact pin.",
            remedy='Write a name and one version, as in "humanize==4.9.0".',
        )
    return re.sub(r"[-_.]+", "-", match[1]).lower(), match[2]


def resolved_limits(asked: Mapping[str, float], known: Mapping[str, Limit]) -> dict[str, float]:
    """The limits of a run: what was asked for, else the policy's default. Ceilings are the policy's to judge."""
    chosen = {name: asked.get(name, bounds.default) for name, bounds in known.items()}
    return {name: value if name == "cpu_cores" else whole(value) for name, value in chosen.items()}


def whole(value: float) -> float:
    """A number without a fraction as an integer: bytes and counts are written so."""
    return int(value) if value == int(value) else value
