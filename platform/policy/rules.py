"""What an answer of policy's means for whoever asked."""

from uuid import UUID

from config.errors import Refused
from gateways.opa import Answer


def refusal(
    answer: Answer, *, tenant: UUID | None = None, subject: str = ""
) -> Refused:
    """Make the refusal (403 `policy_denied`, every reason) that an answer other than allow stands for."""
    named = (
        "; ".join(reason.message for reason in answer.reasons)
        or "Policy did not allow it."
    )
    review = answer.outcome == "review"
    return Refused(
        "policy_review_needed" if review else "policy_denied",
        f"Policy wants people to look at this first: {named}"
        if review
        else f"Policy does not allow this: {named}",
        remedy=answer.reasons[0].remedy if answer.reasons else "",
        reasons=answer.reasons,
        tenant=tenant,
        subject=subject,
    )
