"""`python -m tests.integration.faults.lost_answer RUN`: a worker whose commit succeeded without its hearing so.

It does with the outputs of the run's first cell what follows a failed commit, and with a content that no row names.
"""

import os
import sys
from uuid import UUID


def main(run_id: UUID) -> None:
    """Discard both."""
    from gateways import blobs
    from gateways.blobs import Sealed
    from runs import actions
    from runs.models import Execution

    kept = Execution.objects.get(run_id=run_id, number=1).outputs
    assert kept is not None
    named = Sealed(kept.name, bytes(kept.wrapped_key or b""), kept.size, bytes(kept.sha256))
    actions.discard([named, blobs.write([b"unnamed"])])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main(UUID(sys.argv[1]))
