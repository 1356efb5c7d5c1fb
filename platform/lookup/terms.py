"""What an entry is found by, from its header alone. Pure.

A term is one byte for its kind and what it names: `d` a digest, `p` a package by name or name==version, `f` a file,
`i` an image, `r` a policy revision.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from packaging.utils import canonicalize_name, canonicalize_version

from audit.events import Event
from lookup import versions

_DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_UUID: Final = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_RUN: Final = re.compile(rf"run:{_UUID}(?:/execution:([0-9]{{1,9}}))?")
# A file bears the id of the upload that it came of.
_FILE: Final = re.compile(rf"(?:file|upload):{_UUID}")
_ASKED: Final = frozenset({Event.RUNS_RUN_REQUESTED, Event.RUNS_RUN_DENIED})


def digest(value: str) -> bytes:
    """The term of a digest of 64 hex digits."""
    return b"d" + bytes.fromhex(value)


def package(name: str, version: str | None = None) -> bytes:
    """The term of a package in all versions, or in one: 1.0 and 1.0.0 are the same."""
    known = canonicalize_name(name)
    return f"p{known}".encode() if version is None else f"p{known}=={canonicalize_version(version)}".encode()


def used_package(name: str, version: str) -> bytes:
    """The term of a package that a run used, in the version as it was named."""
    return f"p{canonicalize_name(name)}=={versions.normalised(version)}".encode()


def file(identity: UUID) -> bytes:
    """The term of a file."""
    return b"f" + identity.bytes


def image(value: str) -> bytes:
    """The term of an image, by its digest."""
    return b"i" + bytes.fromhex(value.removeprefix("sha256:"))


def revision(name: str) -> bytes:
    """The term of a policy revision."""
    return b"r" + name.encode()


def between(kind: bytes, begins: str) -> tuple[bytes, bytes]:
    """The first and the last term of a kind whose digest begins with these hex digits."""
    return kind + bytes.fromhex(begins.ljust(64, "0")), kind + bytes.fromhex(begins.ljust(64, "f"))


@dataclass(frozen=True)
class Use:
    """That a run used something; 0 is the run as a whole."""

    what: bytes
    execution: int = 0


@dataclass(frozen=True)
class Facets:
    """What one header says, as the projection keeps it."""

    at: datetime
    event: str
    outcome: str
    subject: str
    actor: bytes | None
    run: UUID | None
    execution: int | None
    terms: frozenset[bytes]
    uses: frozenset[Use] = frozenset()
    # The run was asked for by this entry; it got its sandbox by this entry.
    asks: bool = False
    starts: bool = False
    # A file's content, and the contents that a run takes: known to be files by what was stored before.
    stores: tuple[UUID, bytes] | None = None
    takes: tuple[bytes, ...] = ()
    # Of a subject that was erased.
    erased: tuple[UUID, ...] = ()


def facets(header: Mapping[str, Any]) -> Facets:
    """What is kept of a header."""
    facts, commitments = header.get("facts") or {}, header.get("commitments") or {}
    subject, event = str(header["subject"]), str(header["event"])
    about_run, about_file = _RUN.fullmatch(subject), _FILE.fullmatch(subject)
    run = UUID(about_run[1]) if about_run else None
    execution = int(about_run[2]) if about_run and about_run[2] else None
    pins = facts.get("packages")
    packages = [pin for pin in pins if isinstance(pin, str)] if isinstance(pins, list) else []
    asks = run is not None and event in _ASKED and "packages" in facts
    terms = {digest(found) for found in _digests([facts, list(commitments.values())])}
    terms |= {term for pin in packages for term in _package_terms(pin)}
    if about_file:
        terms.add(file(UUID(about_file[1])))
    stored = commitments.get("content") if event == Event.RUNS_FILE_STORED else None
    takes = [value for name, value in commitments.items() if name.startswith("file:") and _HEX.fullmatch(value)]
    return Facets(
        at=datetime.fromisoformat(str(header["recorded_at"])),
        event=event,
        outcome=str(header["outcome"]),
        subject=subject,
        actor=bytes.fromhex(header["actor"]) if _HEX.fullmatch(header.get("actor") or "") else None,
        run=run,
        execution=execution,
        terms=frozenset(terms),
        uses=frozenset(_uses(event, facts, packages if asks else [], execution or 0)) if run else frozenset(),
        asks=asks,
        starts=run is not None and event == Event.RUNS_RUN_STARTED,
        stores=(UUID(about_file[1]), bytes.fromhex(stored)) if about_file and stored else None,
        takes=tuple(bytes.fromhex(value) for value in takes) if asks else (),
        erased=_keys(facts) if event == Event.SUBJECT_ERASED else (),
    )


def _package_terms(pin: str) -> Iterator[bytes]:
    name, _, version = pin.partition("==")
    yield package(name)
    if version:
        yield package(name, version)


def _uses(event: str, facts: Mapping[str, Any], packages: Iterable[str], execution: int) -> Iterator[Use]:
    for pin in packages:
        name, _, version = pin.partition("==")
        yield Use(used_package(name, version))
    under = facts.get("revision")
    if isinstance(under, str) and under:
        yield Use(revision(under), execution)
    ran = facts.get("image")
    if event == Event.RUNS_RUN_STARTED and isinstance(ran, str) and _DIGEST.fullmatch(ran):
        yield Use(image(ran))


def _digests(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if found := _DIGEST.fullmatch(value):
            yield found[1]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _digests(inner)


def _keys(facts: Mapping[str, Any]) -> tuple[UUID, ...]:
    keys = facts.get("keys")
    return tuple(UUID(each) for each in keys if re.fullmatch(_UUID, str(each))) if isinstance(keys, list) else ()
