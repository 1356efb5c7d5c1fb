"""What the runs room refuses, and its faults."""

from config.errors import BailiwickError, Reason, Refused, TooLarge


class WrongTurn(BailiwickError):
    """A state may not follow another; a fault of the caller, never of the user."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__("wrong_turn", f"{after} may not follow {before}.")


class Overtaken(BailiwickError):
    """Another worker holds a newer fencing token, or the state moved on meanwhile: what was measured is discarded."""

    def __init__(self, what: str) -> None:
        super().__init__("overtaken", f"{what} was moved on by somebody else.")


def policy_denied(reasons: tuple[Reason, ...], *, subject: str) -> Refused:
    """The refusal that every door renders for policy's no, with each of its reasons."""
    if not reasons:
        return Refused("policy_denied", "Policy refused the request and gave no reason.", subject=subject)
    message = reasons[0].message if len(reasons) == 1 else f"Policy refused the request for {len(reasons)} reasons."
    return Refused("policy_denied", message, remedy=reasons[0].remedy, reasons=reasons, subject=subject)


def file_too_large(limit: int) -> TooLarge:
    """The refusal that names the limit of one file, in bytes."""
    return TooLarge(
        "file_too_large",
        f"file: larger than the limit of {limit:,} bytes for one file.",
        remedy="Send it in parts, or in a denser format such as Parquet.",
    )
