"""Reading the catalogue. Environments are nobody's secret: whoever may sign in may see what there is to run on."""

from collections.abc import Mapping

from django.db.models import QuerySet
from packaging.utils import canonicalize_name

from catalogue import rules
from catalogue.models import Environment, PackageClosure
from config.errors import Invalid, NotFound, Reason, Refused


def environments() -> QuerySet[Environment]:
    """Every environment that can be named, by name."""
    return Environment.objects.filter(retired_at=None).order_by("name")


def environment(name: str) -> Environment:
    """The environment that a name means now. Raises Invalid (`unknown_environment`), naming those that exist."""
    found = None if "\x00" in name else environments().filter(name=name).first()
    if found is None:
        known = ", ".join(environments().values_list("name", flat=True)) or "none yet"
        raise Invalid(
            "unknown_environment",
            f"environment: there is no {name[:63]!r}; there is: {known}.",
            remedy="Name one of those that there are.",
        )
    return found


def shown_environment(name: str) -> Environment:
    """The environment that a name means now. Raises NotFound."""
    found = environments().filter(name=name).first()
    if found is None:
        raise NotFound("environment")
    return found


def image_versions(environment: Environment) -> Mapping[str, str]:
    """Name -> version of the Python packages that the environment's image has."""
    return rules.image_wheels(environment.sbom)


def images_with(name: str) -> Mapping[str, str]:
    """Digest -> version, of the images, retired ones too, that have the Python package."""
    known = canonicalize_name(name)
    found = ((each.digest, rules.image_wheels(each.sbom).get(known)) for each in Environment.objects.all())
    return {digest: version for digest, version in found if version is not None}


def image_conflict(environment: Environment, name: str, version: str) -> Reason | None:
    """Why a package cannot stand in that version beside what the image has; None where it can."""
    try:
        rules.require_image_versions(dict([rules.parsed_pin(f"{name}=={version}")]), image_versions(environment))
    except Refused as refused:
        return Reason(refused.code, refused.message, refused.remedy)
    return None


def closure(closure_id: str) -> PackageClosure:
    """A resolved closure. Raises NotFound."""
    found = PackageClosure.objects.select_related("environment").filter(pk=closure_id).first()
    if found is None:
        raise NotFound("package closure")
    return found
