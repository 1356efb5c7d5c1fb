"""What the environment says, typed and read once. A missing or unsafe setting stops the start with a sentence."""

import base64
import binascii
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]
# The database holds it, too: no data key goes earlier, whatever is set.
SHORTEST_AUDIT_MONTHS = 6
Rate = Annotated[int, Field(ge=1, le=1_000_000)]


class Settings(BaseSettings):
    """Every setting that a Django process reads; docs/operations.md explains each under the same name."""

    model_config = SettingsConfigDict(env_prefix="BAILIWICK_", extra="ignore", frozen=True, hide_input_in_errors=True)

    demo: bool = False
    debug: bool = False
    var: Path
    secret_key: SecretStr
    master_key: SecretStr

    database_host: str
    database_port: Port = 5432
    database_name: str = "bailiwick"
    database_app_password: SecretStr
    database_reader_password: SecretStr
    database_owner_password: SecretStr | None = None
    database_pool_size: Annotated[int, Field(ge=1, le=500)] = 20
    database_tls: bool = False

    redis_url: SecretStr
    opa_url: str
    opa_token: SecretStr
    opa_timeout_ms: Annotated[int, Field(ge=1, le=60_000)] = 1000
    sandbox_backend: Literal["local", "kubernetes"] = "local"
    sandbox_socket: Path | None = None
    sandbox_namespace: str = "bailiwick-sandboxes"
    sandbox_kubeconfig: Path | None = None
    uv: Path = Path("uv")
    package_index_url: SecretStr | None = None
    package_find_links: SecretStr | None = None
    package_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 90
    sign_of_life: Path | None = None
    queue_length: Annotated[int, Field(ge=0, le=100_000)] = 100

    console: Path | None = None
    public_url: str
    port: Port = 8080
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("localhost", "127.0.0.1")

    body_max_bytes: Annotated[int, Field(ge=1024)] = 2 * 1024**2
    upload_max_bytes: Annotated[int, Field(ge=1024)] = 1024**3
    rate_reads_per_minute: Rate = 6000
    rate_writes_per_minute: Rate = 3000
    rate_failed_sign_ins_per_minute: Rate = 60
    token_max_days: Annotated[int, Field(ge=1, le=366)] = 90
    sign_in_tries: Annotated[int, Field(ge=3, le=100)] = 5
    sign_in_tries_per_address: Annotated[int, Field(ge=3, le=100_000)] = 50
    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    session_max_hours: Annotated[int, Field(ge=1, le=168)] = 12
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "Single sign-on"
    oidc_scopes: Annotated[tuple[str, ...], NoDecode] = ("openid", "profile")
    retention_audit_months: Annotated[int, Field(le=1200)] = 24
    retention_content_months: Annotated[int, Field(ge=1, le=1200)] = 12
    metrics_token: SecretStr | None = None
    blob_min_free_bytes: Annotated[int, Field(ge=0)] = 256 * 1024**2
    log_level: str = "INFO"

    @field_validator("allowed_hosts", "oidc_scopes", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("var", "sandbox_socket", "sandbox_kubeconfig", "sign_of_life")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError("must be an absolute path")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must be at least 32 characters of randomness")
        return value

    @field_validator("master_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        try:
            key = base64.b64decode(value.get_secret_value(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise ValueError("must be 32 random bytes in base64, for example from `openssl rand -base64 32`")
        return value

    @field_validator("retention_audit_months")
    @classmethod
    def _kept_long_enough(cls, value: int) -> int:
        if value < SHORTEST_AUDIT_MONTHS:
            raise ValueError(
                f"must be at least {SHORTEST_AUDIT_MONTHS}: what the log holds can be read for half a year or longer"
            )
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value

    @model_validator(mode="after")
    def _sandboxes_reachable(self) -> "Settings":
        if self.sandbox_backend == "local" and self.sandbox_socket is None:
            raise ValueError(_not_set("BAILIWICK_SANDBOX_SOCKET"))
        return self

    @model_validator(mode="after")
    def _oidc_whole(self) -> "Settings":
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret):
            raise ValueError("BAILIWICK_OIDC_ISSUER needs BAILIWICK_OIDC_CLIENT_ID and BAILIWICK_OIDC_CLIENT_SECRET.")
        if "openid" not in self.oidc_scopes:
            raise ValueError("BAILIWICK_OIDC_SCOPES lacks openid, without which a provider tells nobody's identity.")
        return self

    @model_validator(mode="after")
    def _safe_outside_the_demo(self) -> "Settings":
        if not self.demo and (weak := weaknesses(self)):
            raise ValueError(
                f"{weak[0]} Correct it, or set BAILIWICK_DEMO=true on a machine that holds nothing of value."
            )
        return self

    @property
    def master_key_bytes(self) -> bytes:
        """The 32 bytes that wrap each file's key."""
        return base64.b64decode(self.master_key.get_secret_value())


def weaknesses(settings: Settings) -> list[str]:
    """Name, in a sentence each, the settings that weaken a defence; outside the demo any of them stops the start."""
    found = []
    if settings.debug:
        found.append("BAILIWICK_DEBUG shows the program's inside in error pages.")
    if "*" in settings.allowed_hosts:
        found.append("BAILIWICK_ALLOWED_HOSTS lets any host name in.")
    if not settings.public_url.startswith("https://"):
        found.append("BAILIWICK_PUBLIC_URL is not https, so tokens would cross the network in the clear.")
    if settings.log_level == "DEBUG":
        found.append("BAILIWICK_LOG_LEVEL=DEBUG lets libraries log what they carry.")
    opa = urlsplit(settings.opa_url)
    if opa.scheme != "https" and not _loopback(opa.hostname or ""):
        found.append("BAILIWICK_OPA_URL is neither https nor on this machine, so decisions can be forged on the way.")
    index = settings.package_index_url.get_secret_value() if settings.package_index_url else "none"
    if index != "none" and not index.startswith("https://"):
        found.append("BAILIWICK_PACKAGE_INDEX_URL is not https, so packages can be changed on the way.")
    if settings.oidc_issuer and not settings.oidc_issuer.startswith("https://"):
        found.append("BAILIWICK_OIDC_ISSUER is not https, so anybody on the way can sign in as anybody.")
    if (
        not settings.database_tls
        and not settings.database_host.startswith("/")
        and not _loopback(settings.database_host)
    ):
        found.append("BAILIWICK_DATABASE_TLS is off and the database is on another machine.")
    return found


def origin_of(url: str) -> str:
    """The origin of an address: scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _not_set(name: str) -> str:
    return f"{name} is not set: set it in the environment (docs/operations.md says what it is for)."


def sentences(error: ValidationError) -> list[str]:
    """Say what to set, a sentence per problem; never the value that was given."""
    found = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "BAILIWICK_" + "_".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "missing":
            found.append(_not_set(name))
        elif not problem["loc"]:
            found.append(message)
        else:
            found.append(f"{name} is not usable: {message}.")
    return found


@cache
def settings() -> Settings:
    """Read the environment once; leave the process with status 78 (EX_CONFIG) and a sentence if it will not do."""
    try:
        return Settings()
    except ValidationError as error:
        for sentence in sentences(error):
            print(f"bailiwick: {sentence}", file=sys.stderr)
        # From None: a traceback would print the environment's values in some tools.
        raise SystemExit(78) from None
