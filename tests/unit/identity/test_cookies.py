"""Cookies outside the demo: over https alone, and from this very host."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.config.test_environment import GOOD, ROOT

ASKED = (
    *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE"),
    *("SESSION_EXPIRE_AT_BROWSER_CLOSE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE"),
    *("CSRF_TRUSTED_ORIGINS", "DEVICE_COOKIE_NAME", "SECURITY_HEADERS"),
)


def test_outside_the_demo_cookies_are_bound_to_the_host_and_to_https(tmp_path: Path) -> None:
    """Taken out for a try: SESSION_COOKIE_SECURE."""
    environment = {f"BAILIWICK_{name}": value for name, value in GOOD.items()}
    environment |= {"BAILIWICK_VAR": str(tmp_path), "PATH": os.environ["PATH"]}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'platform'}"
    code = f"import json; from config import settings; print(json.dumps({{n: getattr(settings, n) for n in {ASKED}}}))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == {
        "SESSION_COOKIE_NAME": "__Host-bailiwick_session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_NAME": "csrftoken",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_TRUSTED_ORIGINS": ["https://bailiwick.example.org"],
        "DEVICE_COOKIE_NAME": "__Host-bailiwick_device",
        "SECURITY_HEADERS": {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Strict-Transport-Security": "max-age=31536000",
        },
    }
