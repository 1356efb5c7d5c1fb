"""Tries at passwords and codes: counted before they are made, given back when they were right.

Never by the account alone, so that nobody locks another out; see identity.rules for what is counted.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest

from config.environment import settings
from config.errors import TooMany
from doors import throttling
from identity import actions, devices, rules
from identity.callers import mark_of
from identity.models import User
from identity.rules import Budget


@dataclass
class Try:
    """One try. `reason` is set where it failed; a try without one is given back."""

    user_id: UUID | None
    address: str
    reason: str | None = field(default=None)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; of IPv6 the network that one household has (RFC 6177)."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)


@contextmanager
def at_password(request: HttpRequest, username: str) -> Iterator[Try]:
    """A try at somebody's password. Raises TooMany sign_in_throttled before the password is looked at."""
    user_id = User.objects.filter(username=username).values_list("pk", flat=True).first()
    address = address_of(request)
    budgets = rules.password_budgets(
        mark_of(username),
        mark_of(address),
        devices.device_of(request, user_id),
        tries=settings().sign_in_tries,
        at_address=settings().sign_in_tries_per_address,
    )
    with _counted(budgets, Try(user_id, address)) as one:
        yield one


@contextmanager
def at_code(request: HttpRequest, user_id: UUID) -> Iterator[Try]:
    """A try at the code of a person's second factor. Raises TooMany sign_in_throttled."""
    address = address_of(request)
    device = devices.device_of(request, user_id)
    budgets = rules.code_budgets(user_id.hex, mark_of(address), device, tries=settings().sign_in_tries)
    with _counted(budgets, Try(user_id, address)) as one:
        yield one


@contextmanager
def at_signature(request: HttpRequest, user_id: UUID | None) -> Iterator[Try]:
    """A signature of a passkey or security key, of somebody's or of one person's. Raises TooMany."""
    address = address_of(request)
    budget = Budget(f"signature:{mark_of(address)}", settings().sign_in_tries_per_address, rules.TRIES_WINDOW)
    with _counted([budget], Try(user_id, address)) as one:
        yield one


def require_room(request: HttpRequest) -> None:
    """Count a request that makes a browser's visit remembered. Raises TooMany where one address makes too many."""
    budget = Budget(
        f"visits:{mark_of(address_of(request))}", 10 * settings().sign_in_tries_per_address, rules.TRIES_WINDOW
    )
    _take([budget], None, address_of(request))


@contextmanager
def _counted(budgets: Sequence[Budget], one: Try) -> Iterator[Try]:
    _take(budgets, one.user_id, one.address)
    yield one
    if one.reason is None:
        for budget in budgets:
            throttling.give_back(_key(budget), budget.seconds)
    else:
        actions.record_refused_sign_in(one.user_id, one.reason, mark_of(one.address))


def _take(budgets: Sequence[Budget], user_id: UUID | None, address: str) -> None:
    for budget in budgets:
        used, wait = throttling.take(_key(budget), budget.seconds)
        if used == budget.limit + 1:
            # Once a window, lest whoever hammers fills the log too.
            actions.record_throttled_sign_in(user_id, budget.name.partition(":")[0], mark_of(address))
        if used > budget.limit:
            raise TooMany(
                "sign_in_throttled",
                "Too many tries that failed, from here.",
                retry_after=max(1, wait),
                remedy="Wait a few minutes, or use a browser in which you signed in before.",
            )


def _key(budget: Budget) -> str:
    return f"sign-in:{budget.name}"
