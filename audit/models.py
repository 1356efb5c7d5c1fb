"""The table, as it is read. Writing goes through audit.append alone."""

import uuid
from typing import Any, ClassVar, Never

from django.db import models


class Entry(models.Model):
    """One entry. `header` is hashed as it is: nothing ever rebuilds these bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The order of insertion. Commit order is (xid, n) below the snapshot's xmin; xid is not mapped here.
    n = models.BigIntegerField(editable=False)
    tenant = models.UUIDField(null=True)
    event = models.TextField()
    subject = models.TextField()
    header = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_entry"
        ordering: ClassVar = ["-n"]

    def save(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse: an entry is appended, never saved."""
        raise TypeError("entries are appended with audit.append")

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse: an entry is never deleted."""
        raise TypeError("entries are never deleted")
