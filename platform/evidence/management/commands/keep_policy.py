"""`manage.py keep_policy --bundle FILE`: keep the policy bundle that OPA is given, for exports of the log to come."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidence.actions import keep_policy
from evidence.bundles import NotABundle, revision_of
from gateways import blobs
from runs.actions.keeping import discard


class Command(BaseCommand):
    """Keep a policy bundle, unless its revision is kept already."""

    help = "Keep the policy bundle that OPA is given, so that exports can show what decided. Run it for each new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file."""
        parser.add_argument("--bundle", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep it, or say in a sentence why not."""
        path: Path = options["bundle"]
        try:
            data = path.read_bytes()
            revision = revision_of(data)
        except OSError as failure:
            raise CommandError(
                f"{path} cannot be read ({failure.strerror}); build it with policies/build.sh."
            ) from None
        except NotABundle as failure:
            raise CommandError(f"{path} is not a policy bundle ({failure}); build it with policies/build.sh.") from None
        sealed = blobs.write([data])
        try:
            fresh = keep_policy(revision, sealed)
        except BaseException:
            discard([sealed])
            raise
        if not fresh:
            discard([sealed])
        self.stdout.write(revision)
