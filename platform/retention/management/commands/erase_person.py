"""`manage.py erase_person`: for people whom no single platform admin may erase, or who are in no project."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.errors import NotFound, Refused
from retention import actions


class Command(BaseCommand):
    """Erasing twice changes nothing. A legal hold refuses it here, too."""

    help = "Erase a person for good: their names, ways in, contents, and the keys of what the log holds about them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and why."""
        parser.add_argument("subject", help="Their username, or the pseudonym that the log knows.")
        parser.add_argument("--reason", required=True, help="The number of the case; it must not name them.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        wanted = actions.Wanted(options["subject"], options["reason"])
        try:
            erasure = actions.request_erasure(wanted, erasure_id=uuid.uuid4(), by=None)
        except (NotFound, Refused) as refusal:
            reasons = [reason.message for reason in getattr(refusal, "reasons", ())]
            raise CommandError(" ".join([refusal.message, *reasons])) from None
        self.stdout.write(f"{erasure.pk} {erasure.person} {erasure.state}")
