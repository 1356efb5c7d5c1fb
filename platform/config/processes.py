"""How the platform's processes start: one place for the launcher and for the control plane's image.

python -m config.processes web | worker | beat
python -m config.processes migrate --bundle FILE [--environment METADATA …]
"""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CELERY = ("-m", "celery", "-A", "config.celery")


def web(host: str, port: int) -> tuple[str, ...]:
    """The web server's command."""
    options = ("--host", host, "--port", str(port), "--no-access-log", "--no-server-header")
    serve = ("-m", "uvicorn", "config.asgi:application", "--lifespan", "off", "--log-level", "warning")
    return (sys.executable, *serve, *options, "--timeout-graceful-shutdown", "3")


def worker() -> tuple[str, ...]:
    """A worker's command."""
    # More threads than there can be sandboxes: what ends a run never waits behind what runs one.
    options = ("--pool", "threads", "--concurrency", "32", "--queues", "control,executions", "--loglevel", "WARNING")
    return (sys.executable, *_CELERY, "worker", *options, "--without-gossip", "--without-mingle")


def beat(schedule: Path) -> tuple[str, ...]:
    """Beat's command; what it sent last is in the file `schedule`."""
    options = ("--schedule", str(schedule), "--pidfile", "", "--loglevel", "WARNING")
    return (sys.executable, *_CELERY, "beat", *options)


def migrate(environments: Iterable[Path], bundle: Path) -> None:
    """Bring the database to the present code, register the images, and keep OPA's policies. May be done again."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    for metadata in environments:
        call_command("register_environment", "--metadata", str(metadata))
    call_command("keep_policy", "--bundle", str(bundle))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("web", "worker", "beat"):
        kinds.add_parser(kind)
    once = kinds.add_parser("migrate")
    once.add_argument("--bundle", type=Path, required=True)
    once.add_argument("--environment", type=Path, action="append", default=[])
    wanted = parser.parse_args()
    if wanted.kind == "migrate":
        migrate(wanted.environment, wanted.bundle)
        return
    from config.environment import settings

    # A setting that is missing stops the start here, with its sentence.
    port, sign_of_life = settings().port, settings().sign_of_life
    if sign_of_life:
        sign_of_life.unlink(missing_ok=True)  # an earlier process's
    commands = {"web": web("0.0.0.0", port), "worker": worker(), "beat": beat(Path("/tmp/beat-schedule"))}
    command = commands[wanted.kind]
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
