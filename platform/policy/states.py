"""The words of decisions."""

from enum import StrEnum


class Point(StrEnum):
    """Where policy is asked: one Rego package `bailiwick.<point>` each."""

    RUN = "run"
    EXECUTION = "execution"
    RELEASE = "release"


class Outcome(StrEnum):
    """What policy can say."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"
