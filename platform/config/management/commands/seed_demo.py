"""`manage.py seed_demo`: two projects, one user per role, and their credentials in var/demo.json."""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.errors import Refused
from identity import actions, queries
from identity.models import Project, Token, User
from identity.states import Classification, Role, TokenKind

DEMO, ELSEWHERE = "demo", "elsewhere"
PROJECTS = {DEMO: "Penguins of the Palmer Archipelago", ELSEWHERE: "Another team's project"}
PEOPLE = {
    "analyst": (DEMO, Role.ANALYST),
    "reviewer": (DEMO, Role.REVIEWER),
    "reviewer2": (DEMO, Role.REVIEWER),
    "policy_admin": (DEMO, Role.POLICY_ADMIN),
    "policy_admin2": (DEMO, Role.POLICY_ADMIN),
    "auditor": (DEMO, Role.AUDITOR),
    "platform_admin": (DEMO, Role.PLATFORM_ADMIN),
    "outsider": (ELSEWHERE, Role.ANALYST),
}
TOKEN_LIFE = timedelta(days=30)
# A token that ends within the week is replaced, so that a demo left running does not lock its user out.
TOKEN_LEFT = timedelta(days=7)


class Command(BaseCommand):
    """Seeding twice changes nothing but what was lost."""

    help = "Create the demo's projects and users; write their passwords and tokens to var/demo.json (mode 0600)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENVIRONMENT.demo:
            raise CommandError("seed_demo makes users with known names; it runs only with BAILIWICK_DEMO=true.")
        path = settings.ENVIRONMENT.var / "demo.json"
        known = _known(path)
        projects = {slug: _project(slug, name) for slug, name in PROJECTS.items()}
        users, changes = {}, []
        for username, (slug, role) in PEOPLE.items():
            user, users[username] = _person(username, known.get(username, {}))
            changes.append(actions.request_role_change(projects[slug], user, role, given=True, by=None))
        # All are asked for before the first is waited for: the log signs them together.
        for change in changes:
            actions.change_role(change, by=None)
        _write(path, {"url": settings.ENVIRONMENT.public_url, "users": users})


def _known(path: Path) -> dict[str, dict[str, str]]:
    try:
        return dict(json.loads(path.read_text())["users"])
    except (FileNotFoundError, ValueError, KeyError):
        return {}


def _project(slug: str, name: str) -> Project:
    found = Project.objects.filter(slug=slug).first()
    return found or actions.create_project(slug, name, classification=Classification.INTERNAL, by=None)


def _person(username: str, known: dict[str, str]) -> tuple[User, dict[str, str]]:
    user = User.objects.filter(username=username).first()
    password = known.get("password") if user else None
    if user is None:
        password = secrets.token_urlsafe(15)
        user = actions.create_user(username, display_name=username.replace("_", " "), password=password, by=None)
    elif password is None:
        password = secrets.token_urlsafe(15)
        user.set_password(password)
        user.save(update_fields=["password"])
    return user, {"username": username, "password": password, "token": _token(user, known.get("token", ""))}


def _token(user: User, known: str) -> str:
    try:
        by = queries.authenticate(known)
    except Refused:
        by = None
    lasting = Token.objects.filter(user=user, expires_at__gt=timezone.now() + TOKEN_LEFT)
    if by is not None and by.token_id and lasting.filter(pk=by.token_id).exists():
        return known
    _, secret = actions.issue_token(user, TokenKind.PERSON, TOKEN_LIFE, name="demo", by=None)
    return secret


def _write(path: Path, fields: dict[str, Any]) -> None:
    part = path.with_name(".demo.json.new")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(fields, file, indent=2)
        file.write("\n")
    part.replace(path)
