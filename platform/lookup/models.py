"""The projection: what the log's leaves say, laid out for finding. It is made anew at will.

Rows are written by COPY in `actions`, a batch of leaves at once; every order is by the entry's own time, then its
serial number.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Index, Q


class Position(models.Model):
    """How far one log is laid out: the index of its next leaf."""

    log = models.IntegerField(primary_key=True)
    tenant = models.UUIDField(null=True)
    next = models.BigIntegerField(default=0)

    class Meta:
        db_table = "lookup_position"


class Row(models.Model):
    """One entry, by what its header says. Each index ends in the answers' order and has what is asked with it."""

    n = models.BigIntegerField(primary_key=True)
    tenant = models.UUIDField()
    at = models.DateTimeField()
    event = models.TextField()
    outcome = models.TextField()
    subject = models.TextField()
    actor = models.BinaryField(null=True)
    run = models.UUIDField(null=True)
    execution = models.IntegerField(null=True)

    class Meta:
        db_table = "lookup_row"
        indexes: ClassVar = [
            Index(fields=["tenant", "at", "n"], include=["event", "outcome"], name="lookup_row_by_time"),
            Index(fields=["tenant", "event", "at", "n"], include=["outcome", "actor"], name="lookup_row_by_event"),
            Index(fields=["tenant", "outcome", "at", "n"], include=["event", "actor"], name="lookup_row_by_outcome"),
            Index(fields=["tenant", "subject", "at", "n"], name="lookup_row_by_subject"),
            Index(
                fields=["tenant", "actor", "at", "n"],
                include=["event", "outcome"],
                name="lookup_row_by_actor",
                condition=Q(actor__isnull=False),
            ),
            Index(
                fields=["tenant", "run", "at", "n"],
                include=["event", "outcome", "execution"],
                name="lookup_row_by_run",
                condition=Q(run__isnull=False),
            ),
        ]


class Term(models.Model):
    """A digest, package or file that an entry names (see `terms`)."""

    pk = models.CompositePrimaryKey("tenant", "term", "at", "n")
    tenant = models.UUIDField()
    term = models.BinaryField()
    at = models.DateTimeField()
    n = models.BigIntegerField()

    class Meta:
        db_table = "lookup_term"


class Word(models.Model):
    """A word of a sealed field, blinded under a key that the person's data key gives; gone with that key.

    Common words are found under everybody's keys: what is asked with them is held by their own index.
    """

    pk = models.CompositePrimaryKey("tenant", "word", "at", "n")
    tenant = models.UUIDField()
    word = models.BinaryField()
    at = models.DateTimeField()
    n = models.BigIntegerField()
    key = models.UUIDField()
    event = models.TextField()
    outcome = models.TextField()
    actor = models.BinaryField(null=True)

    class Meta:
        db_table = "lookup_word"
        indexes: ClassVar = [
            Index(fields=["key"], name="lookup_word_of_key"),
            Index(
                fields=["tenant", "word", "at", "n"], include=["event", "outcome", "actor"], name="lookup_word_found"
            ),
        ]


class Sealing(models.Model):
    """A data key that sealed something in a project's log."""

    pk = models.CompositePrimaryKey("tenant", "key")
    tenant = models.UUIDField()
    key = models.UUIDField()

    class Meta:
        db_table = "lookup_sealing"


class Content(models.Model):
    """Which file a commitment is to, so that the runs that took it can be told from their own entries."""

    pk = models.CompositePrimaryKey("tenant", "commitment")
    tenant = models.UUIDField()
    commitment = models.BinaryField()
    file = models.UUIDField()

    class Meta:
        db_table = "lookup_content"


class Seen(models.Model):
    """A run, by the entry that asked for it."""

    run = models.UUIDField(primary_key=True)
    tenant = models.UUIDField()
    at = models.DateTimeField()
    n = models.BigIntegerField()
    # Whether it ever had a sandbox: until then it used nothing.
    started = models.BooleanField(default=False)

    class Meta:
        db_table = "lookup_seen"
        indexes: ClassVar = [Index(fields=["tenant", "at", "n"], name="lookup_seen_by_time")]


class Use(models.Model):
    """What a run used, or was decided under; `execution` is 0 for the run as a whole."""

    pk = models.CompositePrimaryKey("tenant", "what", "run", "execution")
    tenant = models.UUIDField()
    what = models.BinaryField()
    run = models.UUIDField()
    execution = models.IntegerField()

    class Meta:
        db_table = "lookup_use"
        indexes: ClassVar = [Index(fields=["run"], name="lookup_use_of_run")]
