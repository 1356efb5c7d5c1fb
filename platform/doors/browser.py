"""What the pages by which people sign in have around them: the session, the proof of origin, the known device.

It stands around those views alone, in the thread that they run in: no other request pays for it. As Django middleware
each part would cost every request of the API two changes of thread.
"""

import ipaddress
from collections.abc import Callable, Iterable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from allauth.core.context import request_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.functional import SimpleLazyObject

from doors import csrf, problems
from doors.parsing import parse_object
from identity import devices
from identity.actions.sessions import Visitor
from identity.models import User

type View = Callable[..., HttpResponse]


def for_browsers(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """The same addresses, their views with all that stands around them."""
    return [URLPattern(one.pattern, for_browser(one.callback), one.default_args, one.name) for one in patterns]


def for_browser(view: View) -> View:
    """The view with a session, its person, and proof that a change comes from our own pages."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _sessions.process_request(request)
        _visit(request)
        try:
            csrf.require_own_page(request)
            csrf.begin(request)
            csrf.require_proof_or_form(request)
            _require_strict_json(request)
            with request_context(request):
                response = view(request, *args, **kwargs)
                response = _sessions.process_response(request, response)
        except ImmediateHttpResponse as instead:
            response = _sessions.process_response(request, instead.response)
        except Exception as error:
            response = problems.rendered(error, request)
        csrf.finish(request, response)
        if isinstance(person := getattr(request, "signed_in", None), User):
            devices.remember(request, response, person.pk)
        response.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response

    # The proof is asked for above; Django's own middleware is not there to ask twice.
    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def _visit(request: HttpRequest) -> None:
    session: Any = request.session
    address = str(request.META.get("REMOTE_ADDR", ""))
    session.visitor = Visitor(
        address=address if _is_address(address) else None, user_agent=request.headers.get("User-Agent", "")[:200]
    )
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
    request.allauth = SimpleNamespace()  # type: ignore[attr-defined]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _require_strict_json(request: HttpRequest) -> None:
    """Refuse what one reader takes for this and another for that, as every door does. Raises Invalid."""
    if request.content_type == "application/json" and request.body:
        parse_object(request.body)


def _no_answer(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only its parts are used")


_sessions = SessionMiddleware(_no_answer)
