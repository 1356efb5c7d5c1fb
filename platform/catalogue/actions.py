"""Registering environments, resolving and installing packages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

import audit
from catalogue import rules, store
from catalogue.models import Environment, PackageClosure
from config.errors import Invalid
from gateways import uv
from identity.callers import Caller


@transaction.atomic
def register_environment(metadata: Mapping[str, Any]) -> Environment:
    """Make an image what its environment's name means, and retire what it meant before; the same again changes nothing.

    Raises Invalid (`environment_metadata_invalid`, `environment_changed`).
    """
    description = rules.described(metadata)
    known = {each.digest: each for each in Environment.objects.select_for_update().filter(name=description.name)}
    environment = known.get(description.digest)
    if environment is not None and environment.sbom != list(description.sbom):
        raise Invalid(
            "environment_changed",
            f"metadata: {description.name} {description.digest} is known with another bill of materials.",
            remedy="Build the image again; a digest stands for one image.",
        )
    if environment is not None and environment.retired_at is None:
        return environment
    for each in known.values():
        if each.retired_at is None:
            _retire(each)
    if environment is None:
        environment = Environment(
            name=description.name,
            digest=description.digest,
            python_version=description.python_version,
            platform=description.platform,
            languages=list(description.languages),
            sbom=list(description.sbom),
        )
    environment.retired_at = None
    environment.save()
    _append(audit.Event.CATALOGUE_ENVIRONMENT_REGISTERED, environment, packages=len(description.sbom))
    return environment


def _retire(environment: Environment) -> None:
    environment.retired_at = timezone.now()
    environment.save(update_fields=["retired_at"])
    _append(audit.Event.CATALOGUE_ENVIRONMENT_RETIRED, environment)


def _append(event: audit.Event, environment: Environment, **facts: int) -> None:
    audit.append(
        event,
        tenant=None,
        actor=None,
        subject=f"environment:{environment.id}",
        facts={"name": environment.name, "digest": environment.digest, **facts},
    )


@audit.refusals
def resolve(environment: Environment, asked: Sequence[str], *, by: Caller | None = None) -> PackageClosure:
    """Resolve exact pins to all that they need beyond the image, with hashes, wheels only; stored, and returned.

    What the image has stays as the image has it. Outside a transaction: this waits for the package index. Raises
    Refused (`package_not_pinned`, `package_unknown`, `package_has_no_wheel`, `packages_conflict`,
    `packages_too_many`) and Unavailable (`package_index_unavailable`).
    """
    wanted = rules.asked_pins(asked)
    image = rules.image_wheels(environment.sbom)
    rules.require_image_versions(wanted, image)
    lines = sorted(f"{name}=={version}" for name, version in wanted.items())
    found = uv.resolve(_target(environment), lines, sorted(f"{name}=={version}" for name, version in image.items()))
    pins = [
        {"name": pin.name, "version": pin.version, "hashes": list(pin.hashes), "requested": pin.name in wanted}
        for pin in found
        if image.get(pin.name) != pin.version
    ]
    with transaction.atomic():
        closure, created = PackageClosure.objects.get_or_create(
            id=rules.closure_id(environment.digest, lines, pins),
            defaults={"environment": environment, "asked": lines, "pins": pins},
        )
        if created:
            audit.append(
                audit.Event.CATALOGUE_CLOSURE_RESOLVED,
                tenant=None,
                actor=by.pseudonym if by else None,
                subject=f"closure:{closure.id}",
                facts={"environment": environment.digest, "packages": len(pins)},
            )
    return closure


@audit.refusals
def install(closure: PackageClosure, *, by: Caller | None = None) -> Path | None:
    """Put a closure's wheels, each checked against its hashes, into its read-only directory; None if it needs nothing.

    Outside a transaction. Safe to call from many places at once: the directory appears whole or not at all. Raises
    Refused (`package_hash_mismatch`, `package_has_no_wheel`, `package_unknown`, `package_malformed`) and Unavailable
    (`package_index_unavailable`, `package_store_unavailable`).
    """
    if not closure.pins:
        return None
    there = store.installed(closure.id)
    if there is not None:
        return there
    pins = [uv.Pin(pin["name"], pin["version"], tuple(pin["hashes"])) for pin in closure.pins]
    with store.appearing(closure.id) as part:
        uv.install(_target(closure.environment), pins, part)
        with transaction.atomic():
            # Before it appears: no record, no packages.
            audit.append(
                audit.Event.CATALOGUE_CLOSURE_INSTALLED,
                tenant=None,
                actor=by.pseudonym if by else None,
                subject=f"closure:{closure.id}",
                facts={"packages": len(pins)},
            )
    return store.root() / closure.id


def _target(environment: Environment) -> uv.Target:
    return uv.Target(environment.python_version, environment.platform)
