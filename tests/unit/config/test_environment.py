"""Settings: each missing or weak one stops the start with a sentence that says what to set."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.environment import Settings, sentences

ROOT = Path(__file__).resolve().parents[3]

GOOD = {
    "VAR": "/var/lib/bailiwick",
    "SECRET_KEY": "s" * 40,
    "MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
    "DATABASE_HOST": "/run/postgresql",
    "DATABASE_APP_PASSWORD": "app-password",
    "DATABASE_READER_PASSWORD": "reader-password",
    "REDIS_URL": "redis://:redis-password@127.0.0.1:6379/0",
    "OPA_URL": "http://127.0.0.1:8181",
    "OPA_TOKEN": "opa-token",
    "SANDBOX_SOCKET": "/run/bailiwick/sandboxd.sock",
    "PUBLIC_URL": "https://bailiwick.example.org",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in [name for name in os.environ if name.startswith("BAILIWICK_")]:
        monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"BAILIWICK_{name}", value)
    yield monkeypatch


def said() -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Settings()
    return sentences(caught.value)


@pytest.mark.usefixtures("environment")
def test_the_good_environment_is_good_and_not_a_demo() -> None:
    settings = Settings()
    assert settings.demo is False
    assert settings.master_key_bytes == b"k" * 32
    assert settings.allowed_hosts == ("localhost", "127.0.0.1")


def test_a_cluster_needs_no_daemon(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BAILIWICK_SANDBOX_SOCKET")
    environment.setenv("BAILIWICK_SANDBOX_BACKEND", "kubernetes")
    settings = Settings()
    assert (settings.sandbox_socket, settings.sandbox_namespace) == (None, "bailiwick-sandboxes")
    environment.setenv("BAILIWICK_SANDBOX_BACKEND", "docker")
    assert said() == ["BAILIWICK_SANDBOX_BACKEND is not usable: Input should be 'local' or 'kubernetes'."]


@pytest.mark.parametrize("name", GOOD)
def test_each_missing_setting_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(f"BAILIWICK_{name}")
    assert said() == [
        f"BAILIWICK_{name} is not set: set it in the environment (docs/operations.md says what it is for)."
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "BAILIWICK_SECRET_KEY is not usable: must be at least 32 characters of randomness."),
        ("MASTER_KEY", "bm90IDMy", "BAILIWICK_MASTER_KEY is not usable: must be 32 random bytes in base64"),
        ("MASTER_KEY", "%%%", "BAILIWICK_MASTER_KEY is not usable: must be 32 random bytes in base64"),
        ("VAR", "relative", "BAILIWICK_VAR is not usable: must be an absolute path."),
        ("DATABASE_PORT", "0", "BAILIWICK_DATABASE_PORT is not usable"),
        ("OPA_TIMEOUT_MS", "soon", "BAILIWICK_OPA_TIMEOUT_MS is not usable"),
        ("LOG_LEVEL", "LOUD", "BAILIWICK_LOG_LEVEL is not usable: must be DEBUG"),
        (
            "RETENTION_AUDIT_MONTHS",
            "5",
            "BAILIWICK_RETENTION_AUDIT_MONTHS is not usable: must be at least 6: what the log",
        ),
    ],
)
def test_an_unusable_value_is_named_and_not_shown(
    environment: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    environment.setenv(f"BAILIWICK_{name}", value)
    (found,) = said()
    assert found.startswith(sentence)
    if "KEY" in name:
        assert value not in found


@pytest.mark.parametrize(
    ("name", "value", "weakness"),
    [
        ("DEBUG", "true", "BAILIWICK_DEBUG shows"),
        ("ALLOWED_HOSTS", "*", "BAILIWICK_ALLOWED_HOSTS lets"),
        ("PUBLIC_URL", "http://bailiwick.example.org", "BAILIWICK_PUBLIC_URL is not https"),
        ("DATABASE_HOST", "db.example.org", "BAILIWICK_DATABASE_TLS is off"),
        ("LOG_LEVEL", "DEBUG", "BAILIWICK_LOG_LEVEL=DEBUG"),
        ("OPA_URL", "http://opa.example.org:8181", "BAILIWICK_OPA_URL is neither https"),
        ("OIDC_ISSUER", "http://idp.example.org", "BAILIWICK_OIDC_ISSUER is not https"),
        ("PACKAGE_INDEX_URL", "http://mirror.example.org/simple", "BAILIWICK_PACKAGE_INDEX_URL is not https"),
    ],
)
def test_a_setting_that_weakens_a_defence_starts_in_the_demo_only(
    environment: pytest.MonkeyPatch, name: str, value: str, weakness: str
) -> None:
    environment.setenv(f"BAILIWICK_{name}", value)
    if name == "OIDC_ISSUER":
        environment.setenv("BAILIWICK_OIDC_CLIENT_ID", "bailiwick")
        environment.setenv("BAILIWICK_OIDC_CLIENT_SECRET", "client-secret")
    (found,) = said()
    assert found.startswith(weakness)
    environment.setenv("BAILIWICK_DEMO", "true")
    assert Settings().demo is True


def test_a_provider_is_described_whole_or_not_at_all(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BAILIWICK_OIDC_ISSUER", "https://idp.example.org")
    environment.setenv("BAILIWICK_OIDC_CLIENT_ID", "bailiwick")
    assert said() == ["BAILIWICK_OIDC_ISSUER needs BAILIWICK_OIDC_CLIENT_ID and BAILIWICK_OIDC_CLIENT_SECRET."]
    environment.setenv("BAILIWICK_OIDC_CLIENT_SECRET", "client-secret")
    assert Settings().oidc_scopes == ("openid", "profile")
    environment.setenv("BAILIWICK_OIDC_SCOPES", "profile, email")
    assert said() == ["BAILIWICK_OIDC_SCOPES lacks openid, without which a provider tells nobody's identity."]


def test_the_start_stops_with_sentences_and_no_traceback() -> None:
    environment = {"PATH": os.environ["PATH"], "BAILIWICK_SECRET_KEY": "tooshort-and-secret"}
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 78
    lines = done.stderr.splitlines()
    assert "bailiwick: BAILIWICK_VAR is not set" in done.stderr
    assert all(line.startswith("bailiwick: BAILIWICK_") for line in lines)
    assert "tooshort-and-secret" not in done.stderr + done.stdout
