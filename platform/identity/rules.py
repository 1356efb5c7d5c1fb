"""Who may do what with people, projects and tokens. Pure."""

from datetime import timedelta
from uuid import UUID

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import TokenKind

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
