"""People and projects."""

import re
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

import audit
from audit import Event
from config.errors import Conflict
from identity.actions.actors import actor
from identity.callers import Caller, pseudonym_of
from identity.models import Project, User
from identity.states import Classification


@audit.refusals
@transaction.atomic
def create_user(username: str, *, display_name: str = "", password: str | None = None, by: Caller | None) -> User:
    """Add a person. Raises Conflict username_taken."""
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise Conflict("username_taken", "username: another person has this name already.") from None
    _append_created(user, by=by)
    return user


def _append_created(user: User, *, by: Caller | None, **facts: str) -> None:
    person = pseudonym_of(user.pk)
    audit.append(
        Event.USER_CREATED,
        tenant=None,
        actor=actor(by),
        subject=f"person:{person}",
        facts=facts,
        personal={"username": user.username, "display_name": user.display_name},
        about=person,
    )


@audit.refusals
@transaction.atomic
def create_project(
    slug: str, name: str, *, classification: Classification = Classification.INTERNAL, by: Caller | None
) -> Project:
    """Add a project. Raises Conflict slug_taken."""
    project = Project(slug=slug, name=name, classification=classification.value)
    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError:
        raise Conflict("slug_taken", "slug: another project has this name already.") from None
    audit.append(
        Event.PROJECT_CREATED,
        tenant=project.pk,
        actor=actor(by),
        subject=f"project:{project.pk}",
        facts={"classification": classification.value},
    )
    return project


@transaction.atomic
def provision(account: SocialAccount, *, name: str | None, display_name: str | None) -> User:
    """Make the person whom the OpenID provider vouches for, without any role, and keep by which account they are known.

    Their name here says where it comes from, and is nobody else's: whoever chooses names at the provider can neither
    take over nor be taken for somebody who is here already.
    """
    username = _free_name(name or "person", urlsplit(account.extra_data["iss"]).hostname or "", account.uid)
    user = User(username=username, display_name=(display_name or name or "")[:200])
    user.set_unusable_password()
    user.save(force_insert=True)
    account.user = user
    account.save()
    _append_created(user, by=None, origin="oidc")
    return user


def _free_name(name: str, host: str, uid: str) -> str:
    plain = re.sub(r"[^\w.+-]", "-", name.partition("@")[0])[:60].strip("-.") or "person"
    wished = f"{plain}@{host}"[:150]
    if not User.objects.filter(username=wished).exists():
        return wished
    return f"{plain}-{uid[:12]}@{host}"[:150]
