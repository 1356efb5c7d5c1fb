"""`manage.py add_person`: somebody who may sign in by name and password."""

import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from config.errors import Conflict
from identity import actions
from identity.models import User


class Command(BaseCommand):
    """The password is asked for, or read from standard input, or made and printed; it is never an argument."""

    help = "Add a person. Their password comes from standard input; --generate makes one and prints it, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Their name, and whether to make the password."""
        parser.add_argument("username")
        parser.add_argument("--display-name", default="")
        parser.add_argument("--generate", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add them, or say in a sentence why not."""
        name, shown = options["username"], options["display_name"]
        password = secrets.token_urlsafe(15) if options["generate"] else _given()
        try:
            validate_password(password, User(username=name, display_name=shown))
            actions.create_user(name, display_name=shown, password=password, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Conflict as refusal:
            raise CommandError(refusal.message) from None
        if options["generate"]:
            self.stdout.write(password)


def _given() -> str:
    if sys.stdin.isatty():
        return getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
