"""Run in the stack's environment: makes the people whom the isolation tests need, and prints them as JSON.

The demo has one person per role. Rules between two analysts of one project, or of a restricted project, need more.
"""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from identity import actions  # noqa: E402
from identity.models import Project, Token, User  # noqa: E402
from identity.states import Classification, Role, TokenKind  # noqa: E402

HOUR = timedelta(hours=1)


def _token(user: User, kind: TokenKind = TokenKind.PERSON) -> str:
    model_name = sys.argv[1] if kind is TokenKind.MODEL else None
    return actions.issue_token(user, kind, HOUR, model_name=model_name, by=None)[1]


def _person(username: str, *roles: tuple[Project, Role]) -> User:
    user = User.objects.filter(username=username).first() or actions.create_user(username, by=None)
    for project, role in roles:
        actions.add_member(project, user, role, by=None)
    return user


def main() -> None:
    """Make everybody once; the demo's own people get the tokens that they lack."""
    demo = Project.objects.get(slug="demo")
    vault = Project.objects.filter(slug="vault").first() or actions.create_project(
        "vault", "Vault", classification=Classification.RESTRICTED, by=None
    )
    analyst = User.objects.get(username="analyst")
    colleague = _person("colleague", (demo, Role.ANALYST))
    keeper = _person("keeper", (vault, Role.ANALYST))
    former = _person("former", (demo, Role.ANALYST))
    jack = _person("jack", (demo, Role.ANALYST), (demo, Role.AUDITOR), (demo, Role.PLATFORM_ADMIN))
    expired = _token(former)
    now = timezone.now()
    Token.objects.filter(user=former).update(created_at=now - 2 * HOUR, expires_at=now - HOUR)
    json.dump(
        {
            "analyst_model": _token(analyst, TokenKind.MODEL),
            "colleague": _token(colleague),
            "colleague_model": _token(colleague, TokenKind.MODEL),
            "keeper": _token(keeper),
            "keeper_model": _token(keeper, TokenKind.MODEL),
            "jack": _token(jack),
            "jack_model": _token(jack, TokenKind.MODEL),
            "expired": expired,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
