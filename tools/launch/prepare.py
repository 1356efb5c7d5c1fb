"""The steps between the parts' starts, in one process each: migrate, register, seed; and the demo's run."""

import os

from tools.launch import postgres
from tools.launch.state import IMAGES, State


def prepare(state: State) -> None:
    """Bring the database to the present code, register the image, and seed the demo. All of it may be done again."""
    postgres.create_roles(state)
    call = _django()
    call("migrate", database="owner", interactive=False, verbosity=0)
    call("register_environment", "--metadata", str(IMAGES / "python/metadata.json"))
    call("seed_demo")


def welcome(state: State) -> None:
    """Run the demo's analysis through the API and print what it gave."""
    _django()("demo_run")


def _django():  # type: ignore[no-untyped-def]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    return call_command
