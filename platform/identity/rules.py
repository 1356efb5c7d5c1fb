"""Who may do what with people, projects and tokens. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role, TokenKind

MIN_TOKEN_LIFE = timedelta(minutes=1)


def may_manage_tokens(caller: Caller) -> Allowed | Denied:
    """A model never makes, lists or ends tokens: it could outlive or hide its own."""
    if caller.kind is TokenKind.MODEL:
        return Denied(
            "model_may_not_manage_tokens",
            "A model's token cannot list, issue or revoke tokens.",
            "Ask the person it acts for to do it with a token of their own.",
        )
    return Allowed()


def may_manage_sign_in(caller: Caller) -> Allowed | Denied:
    """How a person signs in, and where they are signed in, is no business of a model that helps them."""
    if caller.kind is TokenKind.MODEL:
        return Denied(
            "model_may_not_manage_sign_in",
            "A model's token cannot see or end sessions, or see how its person signs in.",
            "Ask the person it acts for to look for themselves.",
        )
    return Allowed()


def may_manage_members(project_id: UUID, caller: Caller) -> Allowed | Denied:
    """Who belongs to a project is for its platform admins to see and to say."""
    if Role.PLATFORM_ADMIN not in caller.roles_in(project_id):
        return Denied(
            "not_a_platform_admin",
            "Only platform admins of the project see and change its members.",
            "Ask a platform admin of the project.",
        )
    return Allowed()


def may_change_role(project_id: UUID, user_id: UUID, caller: Caller) -> Allowed | Denied:
    """Nobody gives themselves a role: an admin who wants to audit or review needs another admin."""
    if user_id == caller.user_id:
        return Denied(
            "own_role", "Nobody changes their own roles.", "Ask another platform admin, or the machine's operator."
        )
    return may_manage_members(project_id, caller)


def may_be_given_a_role(active: bool) -> Allowed | Denied:
    """Nobody whose access has ended, as by erasure, comes back by a role."""
    if active:
        return Allowed()
    return Denied(
        "account_closed",
        "This account is closed: nobody signs in with it any more, so it gets no role.",
        "Give the role to an account that is open.",
        conflict=True,
    )


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without a request, and in all."""

    idle: timedelta
    longest: timedelta


def session_ends(created_at: datetime, last_seen_at: datetime, limits: Limits) -> tuple[datetime, datetime]:
    """When the session ends if nothing more is asked, and when it ends whatever is asked."""
    absolute = created_at + limits.longest
    return min(last_seen_at + limits.idle, absolute), absolute


def session_lives(created_at: datetime, last_seen_at: datetime, limits: Limits, *, now: datetime) -> Allowed | Denied:
    """A session ends for idleness and for age."""
    idle_end, absolute_end = session_ends(created_at, last_seen_at, limits)
    if absolute_end <= now:
        return Denied("session_expired", "You signed in too long ago.", "Sign in again.")
    if idle_end <= now:
        return Denied("session_expired", "The session was idle for too long.", "Sign in again.")
    return Allowed()


def may_live(expires_in: timedelta, *, longest: timedelta) -> Allowed | Denied:
    """Every token expires, and not in the far future."""
    if not MIN_TOKEN_LIFE <= expires_in <= longest:
        return Denied(
            "token_life_out_of_range",
            f"expires_in_seconds: a token lives between {int(MIN_TOKEN_LIFE.total_seconds())} seconds "
            f"and {longest.days} days.",
            "Ask for a shorter life and issue a new token when it ends.",
        )
    return Allowed()


def may_be_of_kind(kind: TokenKind, model_name: str | None) -> Allowed | Denied:
    """A model's token names its model, and a person's names none."""
    if (kind is TokenKind.MODEL) != bool(model_name):
        return Denied(
            "token_model_name_mismatch",
            "model_name: a token of kind model names its model, and a token of kind person names none.",
            "Give model_name exactly when kind is model.",
        )
    return Allowed()


def may_revoke(owner_id: UUID, caller: Caller) -> Allowed | Denied:
    """A person ends their own tokens."""
    if owner_id != caller.user_id:
        return Denied("not_yours", "The token belongs to somebody else.")
    return may_manage_tokens(caller)


@dataclass(frozen=True)
class Budget:
    """So many failures in so many seconds, counted under one name."""

    name: str
    limit: int
    seconds: int


TRIES_WINDOW = 15 * 60
CODES_WINDOW = 24 * 60 * 60


def password_budgets(account: str, address: str, device: str | None, *, tries: int, at_address: int) -> list[Budget]:
    """What a try at a password uses up: never one that the account's own person, on a device of theirs, shares.

    `account` and `address` are any names that tell them apart; `device` is one where this account signed in before.
    """
    if device is not None:
        return [Budget(f"device:{account}:{device}", 2 * tries, TRIES_WINDOW)]
    return [
        Budget(f"pair:{account}:{address}", tries, TRIES_WINDOW),
        Budget(f"address:{address}", at_address, TRIES_WINDOW),
    ]


def code_budgets(account: str, address: str, device: str | None, *, tries: int) -> list[Budget]:
    """What a try at a second factor's code uses up, after the password.

    Six digits fall to who may guess from everywhere: unknown devices share one budget a day for the account. To use it
    up takes the password, and it leaves known devices, passkeys and other ways to sign in alone.
    """
    if device is not None:
        return [Budget(f"code-device:{account}:{device}", 2 * tries, TRIES_WINDOW)]
    return [
        Budget(f"code-pair:{account}:{address}", tries, TRIES_WINDOW),
        Budget(f"code-unknown:{account}", 20 * tries, CODES_WINDOW),
    ]
