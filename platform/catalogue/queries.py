"""Reading the catalogue."""

from django.db.models import QuerySet

from catalogue.models import Environment, PackageClosure
from config.errors import Invalid, NotFound


def environments() -> QuerySet[Environment]:
    """The newest active version of each environment."""
    return (
        Environment.objects.filter(retired_at=None)
        .order_by("name", "-registered_at")
        .distinct("name")
    )


def environment(name: str) -> Environment:
    """The environment that a name means now. Raises Invalid (`unknown_environment`), naming those that exist."""
    found = (
        Environment.objects.filter(name=name, retired_at=None)
        .order_by("-registered_at")
        .first()
    )
    if found is None:
        known = ", ".join(sorted(each.name for each in environments())) or "none yet"
        raise Invalid(
            "unknown_environment",
            f"environment: there is no {name[:63]!r}; registered are: {known}",
            remedy="Name one of the registered environments.",
        )
    return found


def closure(identity: str) -> PackageClosure:
    """A stored closure. Raises NotFound."""
    found = PackageClosure.objects.filter(pk=identity).select_related("environment").first()
    if found is None:
        raise NotFound("package closure")
    return found
