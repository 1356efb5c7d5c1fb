"""The ASGI application: `uvicorn config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from config.environment import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_asgi_application()

# After Django's setup.
from django.urls import get_resolver  # noqa: E402

from doors.bodies import BodyLimit  # noqa: E402
from doors.threads import KeptThreads  # noqa: E402

# Load every door now: a broken one stops the start, and no first request waits for imports.
_ = get_resolver().url_patterns

application = BodyLimit(
    KeptThreads(_django),
    body_max=settings().body_max_bytes,
    # A multipart body is a little larger than the file in it.
    upload_max=settings().upload_max_bytes + 64 * 1024,
    upload_paths=frozenset({"/api/v1/files"}),
)
