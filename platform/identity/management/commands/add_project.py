"""`manage.py add_project`: a project, which people are then given roles in."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from config.errors import Conflict
from identity import actions
from identity.states import Classification


class Command(BaseCommand):
    """Its short name is unique and stays."""

    help = "Add a project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its names, and how its data is classified."""
        parser.add_argument("slug", help="Its short name: letters, digits, hyphens and underscores.")
        parser.add_argument("name", help="Its name as people see it.")
        parser.add_argument(
            "--classification", choices=[one.value for one in Classification], default=Classification.INTERNAL.value
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add it, or say in a sentence why not."""
        try:
            validate_slug(options["slug"])
            actions.create_project(
                options["slug"], options["name"], classification=Classification(options["classification"]), by=None
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Conflict as refusal:
            raise CommandError(refusal.message) from None
