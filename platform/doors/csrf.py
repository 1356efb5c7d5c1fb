"""Proof that a change asked for under a cookie comes from our own pages: the token, and the origin (OWASP ASVS 3.5)."""

from typing import Never

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, get_token

from config.errors import Refused

_CODE = "csrf_failed"
_DETAIL = "The request does not prove that it comes from a page of this platform."
_REMEDY = "Reload the page and try again; a program sends a bearer token instead of a session's cookie."


class _Check(CsrfViewMiddleware):
    """Django's check, whose answer is our refusal."""

    def _reject(self, request: HttpRequest, reason: str) -> Never:
        raise Refused(_CODE, _DETAIL, remedy=_REMEDY)


def _no_answer(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only the check is used")


_check = _Check(_no_answer)


def require_proof(request: HttpRequest) -> None:
    """Raise Refused csrf_failed unless an unsafe request carries the token in X-CSRFToken and comes from our origin."""
    # The body stays unread: of a POST, Django would look for the token in a form, and so store an upload in the clear.
    probe = HttpRequest()
    probe.method = "PUT" if request.method == "POST" else request.method
    probe.META, probe.COOKIES = request.META, request.COOKIES
    probe._get_scheme = request._get_scheme  # type: ignore[attr-defined]
    _check.process_view(probe, _no_answer, (), {})


def begin(request: HttpRequest) -> None:
    """Take the token that the browser has, so that a page that asks for one keeps it."""
    _check.process_request(request)


def finish(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser its token where the page asked for one."""
    _check.process_response(request, response)


def offer(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give a browser that has no token one."""
    begin(request)
    if "CSRF_COOKIE" not in request.META:
        get_token(request)
    finish(request, response)


def require_proof_or_form(request: HttpRequest) -> None:
    """The same, for pages that also take the token from a small form's field csrfmiddlewaretoken."""
    _check.process_view(request, _no_answer, (), {})


def require_own_page(request: HttpRequest) -> None:
    """Raise Refused cross_origin where the browser says that another origin's page asks (Fetch Metadata).

    Cookies know neither ports nor, on a site with siblings, hosts; the browser knows the page that asks. To follow
    a link to a download is the one thing that another page may have it do.
    """
    # A name that somebody else points at this machine is another origin; raises DisallowedHost.
    request.get_host()
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site in ("same-origin", "none"):
        return
    follows_link = (
        request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    if request.method != "GET" or not follows_link:
        raise Refused(
            "cross_origin",
            "A page of another origin may not use your session.",
            remedy="Open the platform's own page; a program sends a bearer token instead.",
        )
