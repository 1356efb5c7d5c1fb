"""A browser's cookies for tests inside this process."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.db.models import QuerySet
from rest_framework.test import APIClient

from identity import actions
from identity.models import Session, User
from identity.sessions import SessionStore

TOKEN = "c" * 32


def begin_session(user: User) -> SessionStore:
    """A session in which the person has just signed in."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = User.objects.get(pk=user.pk).get_session_auth_hash()
    with transaction.atomic():
        store.save()
        assert store.id is not None
        actions.start_session(store.id, user, ["password"])
    return store


def kept(store: SessionStore) -> QuerySet[Session]:
    """The session's row."""
    assert store.id is not None
    return Session.objects.filter(pk=store.id)


def browser(store: SessionStore, **headers: str) -> APIClient:
    """A client with the session's cookie and with the proof that every change needs."""
    client = APIClient(headers={"X-CSRFToken": TOKEN, "Origin": "http://testserver", **headers})
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key or ""
    client.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
    return client
