"""Who acts, as the log names them."""

from identity.callers import Caller


def actor(by: Caller | None) -> str | None:
    """The caller's pseudonym; None when the machine's operator acts through manage.py."""
    return by.pseudonym if by is not None else None
