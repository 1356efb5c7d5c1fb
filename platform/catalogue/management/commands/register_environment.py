"""`manage.py register_environment --metadata FILE`: make an image that was built one that runs can name."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from catalogue.actions import register_environment
from config.errors import BailiwickError


class Command(BaseCommand):
    """Register the image that a metadata.json describes."""

    help = "Register an environment image by the metadata.json that its build wrote."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file."""
        parser.add_argument("--metadata", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Register it, or say in a sentence why not."""
        path: Path = options["metadata"]
        try:
            metadata = orjson.loads(path.read_bytes())
        except OSError as failure:
            raise CommandError(f"{path} cannot be read ({failure.strerror}); build the image first.") from failure
        except orjson.JSONDecodeError as failure:
            raise CommandError(f"{path} is not JSON; build the image again.") from failure
        if not isinstance(metadata, dict):
            raise CommandError(f"{path} is not an image's metadata; give the metadata.json of the image build.")
        try:
            environment = register_environment(metadata)
        except BailiwickError as refusal:
            raise CommandError(f"{path}: {refusal.message} {refusal.remedy}") from refusal
        self.stdout.write(f"{environment.name} {environment.digest}")
