"""Django's settings, made from config.environment."""

import os
from pathlib import Path
from typing import Any

from audit.events import Event
from config.environment import origin_of, settings
from doors.slices import SLICE
from evidence.states import ExportState
from identity.states import Role, TokenKind
from retention.states import ErasureState
from runs.states import ExecutionState, RunState

ENVIRONMENT = settings()
BASE_DIR = Path(__file__).resolve().parents[2]

# Before anything imports prometheus_client: web and workers count into one directory, and /metrics adds them up.
METRICS_DIR = ENVIRONMENT.var / "metrics"
METRICS_DIR.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS_DIR))

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key.get_secret_value()
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

INSTALLED_APPS = [
    "audit",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "allauth",
    "identity.account_app.AccountConfig",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "drf_spectacular",
    "config",
    "doors",
    "identity",
    "catalogue",
    "policy",
    "runs",
    "evidence",
    "retention",
    "lookup",
]
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator", "OPTIONS": options}
    for name, options in (
        ("MinimumLength", {"min_length": 12}),
        ("CommonPassword", {}),
        ("UserAttributeSimilarity", {"user_attributes": ("username", "display_name")}),
    )
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "doors.requests.RequestContext",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
SILENCED_SYSTEM_CHECKS: list[str] = []
# Set by doors.requests: Django's own middleware would cost each request two more changes of thread.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    **({} if ENVIRONMENT.demo else {"Strict-Transport-Security": "max-age=31536000"}),
}
# Only the pages that sign people in have Django's sessions and CSRF check, around their own views (doors.browser).
# A name that begins with __Host- is taken by browsers from this very host over https alone: no sibling can plant one.
SESSION_ENGINE = "identity.sessions"
SESSION_COOKIE_NAME = "bailiwick_session" if ENVIRONMENT.demo else "__Host-bailiwick_session"
SESSION_COOKIE_SECURE = not ENVIRONMENT.demo
SESSION_COOKIE_HTTPONLY = True
# Strict would lose who came back from an identity provider.
SESSION_COOKIE_SAMESITE = "Lax"
# How long a session lasts is decided here, not in the browser.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SECURE = not ENVIRONMENT.demo
CSRF_COOKIE_SAMESITE = "Strict"
# The console's script reads it; it is no secret from its own origin.
CSRF_COOKIE_HTTPONLY = False
CSRF_TRUSTED_ORIGINS = [origin_of(ENVIRONMENT.public_url)]


def _openid_provider() -> dict[str, Any]:
    secret = ENVIRONMENT.oidc_client_secret
    if not ENVIRONMENT.oidc_issuer or secret is None:
        return {}
    app = {
        "provider_id": "oidc",
        "name": ENVIRONMENT.oidc_name,
        "client_id": ENVIRONMENT.oidc_client_id,
        "secret": secret.get_secret_value(),
        "settings": {
            "server_url": ENVIRONMENT.oidc_issuer,
            "oauth_pkce_enabled": True,
            "scope": list(ENVIRONMENT.oidc_scopes),
        },
    }
    return {"openid_connect": {"provider_class": "identity.oidc.Provider", "APPS": [app]}}


DEVICE_COOKIE_NAME = "bailiwick_device" if ENVIRONMENT.demo else "__Host-bailiwick_device"

# django-allauth, headless, for browsers: identity.browser_urls lists what of it is served, identity.attempts counts.
ACCOUNT_ADAPTER = "identity.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {"socialaccount_login_error": f"{origin_of(ENVIRONMENT.public_url)}/sign-in"}
MFA_ADAPTER = "identity.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Bailiwick"
# Clocks differ, and people type slowly: one step early or late, and no code twice (CACHES).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
MFA_RATE_LIMITS = False
SOCIALACCOUNT_ADAPTER = "identity.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = _openid_provider()
CACHES = {"default": {"BACKEND": "identity.once.Once"}}

CONSOLE_DIR = ENVIRONMENT.console or BASE_DIR / "frontend/dist"

DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.body_max_bytes
# A slice of an upload in pieces is never spooled.
FILE_UPLOAD_MAX_MEMORY_SIZE = SLICE
FILE_UPLOAD_PERMISSIONS = 0o600


def _database(role: str, password: str, *, pooled: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "connect_timeout": 5,
        "sslmode": "verify-full" if ENVIRONMENT.database_tls else "prefer",
        "application_name": f"bailiwick-{role}",
        # One idle transaction with an id anywhere in the instance holds up the audit log's watermark.
        "options": "-c idle_in_transaction_session_timeout=15000 -c lock_timeout=10000",
    }
    if pooled:
        # Statements are planned once a connection: joins of the hot path take longer to plan than to run.
        options["server_side_binding"] = True
        options["prepare_threshold"] = 2
        options["pool"] = {"min_size": 1, "max_size": ENVIRONMENT.database_pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": ENVIRONMENT.database_host,
        "PORT": ENVIRONMENT.database_port,
        "NAME": ENVIRONMENT.database_name,
        "USER": f"bailiwick_{role}",
        "PASSWORD": password,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {
    "default": _database("app", ENVIRONMENT.database_app_password.get_secret_value(), pooled=True),
    "reader": _database("reader", ENVIRONMENT.database_reader_password.get_secret_value(), pooled=True),
}
if ENVIRONMENT.database_owner_password is not None:
    DATABASES["owner"] = _database("owner", ENVIRONMENT.database_owner_password.get_secret_value(), pooled=False)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "doors.authentication.BearerAuthentication",
        "doors.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["doors.throttling.PersonThrottle"],
    "DEFAULT_PARSER_CLASSES": ["doors.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["doors.rendering.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "doors.rendering.AlwaysAnswer",
    "DEFAULT_PAGINATION_CLASS": "doors.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "doors.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "doors.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Bailiwick",
    "DESCRIPTION": "Governed code execution: ask, be decided on, run, and prove it later.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "doors.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        f"{enum.__name__}Enum": [member.value for member in enum]
        for enum in (ErasureState, Event, ExecutionState, ExportState, Role, RunState, TokenKind)
    },
}

STORAGES = {
    "blobs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Written once, then read-only.
        "OPTIONS": {
            "location": str(ENVIRONMENT.var / "blobs"),
            "file_permissions_mode": 0o400,
            "directory_permissions_mode": 0o700,
        },
    },
}

LOGGING_CONFIG = "config.logging.configure"
LOGGING = {"level": ENVIRONMENT.log_level}

AUDIT_JOURNAL = ENVIRONMENT.var / "journal"
AUDIT_KEY = ENVIRONMENT.master_key_bytes
