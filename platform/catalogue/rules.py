"""What an environment's description and a package pin must look like. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from config.errors import Invalid, Refused

MAX_ASKED: Final = 100

_FORMS: Final = {
    "name": re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
    "digest": re.compile(r"sha256:[0-9a-f]{64}"),
    "python_version": re.compile(r"3\.[0-9]{1,2}"),
    "platform": re.compile(r"[a-z0-9][a-z0-9_-]{0,63}"),
}
_LANGUAGE: Final = re.compile(r"[a-z0-9]{1,32}")
_MATERIAL: Final = {"package", "version", "hash", "kind"}
_PIN: Final = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]{0,62})"
)


@dataclass(frozen=True)
class Description:
    """An environment image, as its build describes it."""

    name: str
    digest: str
    python_version: str
    platform: str
    languages: tuple[str, ...]
    sbom: tuple[Mapping[str, str], ...]


def described(metadata: Mapping[str, Any]) -> Description:
    """Read an image's metadata. Raises Invalid (`environment_metadata_invalid`), naming the field."""
    for field, form in _FORMS.items():
        value = metadata.get(field)
        if not isinstance(value, str) or form.fullmatch(value) is None:
            raise _unfit(field)
    languages, sbom = metadata.get("languages"), metadata.get("sbom")
    if not isinstance(languages, list) or not languages or not all(_is_language(each) for each in languages):
        raise _unfit("languages")
    if not isinstance(sbom, list) or not sbom or not all(_is_material(each) for each in sbom):
        raise _unfit("sbom")
    return Description(
        metadata["name"],
        metadata["digest"],
        metadata["python_version"],
        metadata["platform"],
        tuple(languages),
        tuple({field: each[field] for field in sorted(_MATERIAL)} for each in sbom),
    )


def _unfit(field: str) -> Invalid:
    return Invalid(
        "environment_metadata_invalid",
        f"metadata: {field} is missing or not of the documented form.",
        remedy="Give the metadata.json that the image build wrote.",
    )


def _is_language(value: object) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def _is_material(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() >= _MATERIAL
        and all(isinstance(value[field], str) and value[field] for field in _MATERIAL)
        and value["kind"] in {"deb", "wheel"}
    )


def asked_pins(asked: Sequence[str]) -> dict[str, str]:
    """Name -> version of exact pins, normalised. Raises Refused (`package_not_pinned`, `packages_conflict`,
    `packages_too_many`)."""
    if len(asked) > MAX_ASKED:
        raise Refused(
            "packages_too_many",
            f"packages: {len(asked)} were asked for; a run takes at most {MAX_ASKED}.",
            remedy="Ask for fewer, or for an environment image that has them.",
        )
    pins: dict[str, str] = {}
    for text in asked:
        name, version = parsed_pin(text)
        if pins.setdefault(name, version) != version:
            raise Refused(
                "packages_conflict",
                f"packages: {name} is asked for in two versions, {pins[name]} and {version}.",
                remedy="Ask for one of them.",
            )
    return pins


def parsed_pin(text: str) -> tuple[str, str]:
    """Normalised name and version of an exact pin. Raises Refused (`package_not_pinned`)."""
    match = _PIN.fullmatch(text.strip())
    try:
        if match is not None:
            return canonicalize_name(match[1]), str(Version(match[2]))
    except InvalidVersion:
        pass
    raise Refused(
        "package_not_pinned",
        f"packages: {text[:100]!r} is not an exact pin.",
        remedy='Write a name and one version, as in "humanize==4.9.0".',
    )


def image_wheels(sbom: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Name -> version of the python packages that the image has."""
    return {canonicalize_name(each["package"]): each["version"] for each in sbom if each["kind"] == "wheel"}


def require_image_versions(asked: Mapping[str, str], image: Mapping[str, str]) -> None:
    """Raise Refused (`packages_conflict`) for a package that the image has in another version."""
    for name, version in asked.items():
        has = image.get(name)
        if has is not None and Version(has) != Version(version):
            raise Refused(
                "packages_conflict",
                f"packages: {name} {version} cannot stand beside {name} {has}, which the environment's image has.",
                remedy=f"Use {name} {has} (no need to ask for it), or an environment image that has {version}.",
            )


def closure_id(digest: str, asked: Sequence[str], pins: Sequence[Mapping[str, Any]]) -> str:
    """The name of a closure: SHA-256 (hex) over what it is for, what was asked, and what it holds."""
    canonical = orjson.dumps({"environment": digest, "asked": asked, "pins": pins}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
