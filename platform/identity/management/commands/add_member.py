"""`manage.py add_member`: a role for a person in a project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.errors import NotFound, Refused
from identity import actions
from identity.models import Project, User
from identity.states import Role


class Command(BaseCommand):
    """Giving a role twice changes nothing; --remove takes it away. Waits until the log has signed the request."""

    help = "Give a person a role in a project, or take it away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, where, what."""
        parser.add_argument("username")
        parser.add_argument("project", help="The project's short name.")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("--remove", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        user = User.objects.filter(username=options["username"]).first()
        project = Project.objects.filter(slug=options["project"]).first()
        if user is None or project is None:
            missing = "person" if user is None else "project"
            raise CommandError(f"There is no such {missing}.")
        change = actions.remove_member if options["remove"] else actions.add_member
        try:
            change(project, user, Role(options["role"]), by=None)
        except (NotFound, Refused) as refusal:
            raise CommandError(refusal.message) from None
