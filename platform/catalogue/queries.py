"""Reading the catalogue. Environments are nobody's secret: whoever may sign in may see what there is to run on."""

from django.db.models import QuerySet

from catalogue.models import Environment, PackageClosure
from config.errors import Invalid, NotFound


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


def closure(closure_id: str) -> PackageClosure:
    """A resolved closure. Raises NotFound."""
    found = PackageClosure.objects.select_related("environment").filter(pk=closure_id).first()
    if found is None:
        raise NotFound("package closure")
    return found
