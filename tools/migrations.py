"""Whether the migrations say all that the models say, without the database that `makemigrations --check` waits for."""

import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState


def main() -> str:
    """The changes that no migration makes; empty when all is said."""
    django.setup()
    loader = MigrationLoader(None)
    if conflicts := loader.detect_conflicts():
        return f"Migrations with the same parent: {conflicts}."
    models = ProjectState.from_apps(apps)
    asked = NonInteractiveMigrationQuestioner(specified_apps=None, dry_run=True)
    changes = MigrationAutodetector(loader.project_state(), models, asked).changes(graph=loader.graph)
    return "".join(
        f"{app}: {operation.describe()}\n"
        for app, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    )


if __name__ == "__main__":
    sys.exit(main() or None)
