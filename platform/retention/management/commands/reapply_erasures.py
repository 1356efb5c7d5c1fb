"""`manage.py reapply_erasures`: after a backup was restored, erase again who was erased since it was made."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retention import actions, register, tasks


class Command(BaseCommand):
    """Run it before anybody is let in. Running it twice changes nothing."""

    help = "Erase again whom a restored backup has again, by the files that each erasure left beside the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where they lie."""
        parser.add_argument("--register", type=Path, default=None, help="Folder; BAILIWICK_VAR/erasures by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many there were."""
        folder: Path = options["register"] or register.folder()
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}: nobody was erased here, or it was not restored.")
        done = all_of = 0
        for one in register.all_of(folder):
            done += actions.reapply(one)
            all_of += 1
        tasks.finish_erasures()
        self.stdout.write(f"{all_of} erasures on file, {done} of them applied again.")
