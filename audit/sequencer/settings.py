"""What the sequencer's environment says, typed and read once."""

import re
import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from audit.signing import LocalSigner, Signer
from audit.transit import HTTPTransit, TransitSigner

_TRANSIT = ("log_transit_address", "log_transit_token_file", "log_transit_key")
_ORIGIN = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._-]+)*")


class Settings(BaseSettings):
    """Every setting that the sequencer reads; docs/operations.md explains each under the same name."""

    model_config = SettingsConfigDict(env_prefix="BAILIWICK_", extra="ignore", frozen=True, hide_input_in_errors=True)

    database_host: str
    database_port: Annotated[int, Field(ge=1, le=65535)] = 5432
    database_name: str = "bailiwick"
    database_sequencer_password: SecretStr
    database_tls: bool = False
    log_origin: str
    log_signer: Literal["file", "transit"] = "file"
    log_key: Path | None = None
    log_transit_address: str | None = None
    log_transit_token_file: Path | None = None
    log_transit_mount: str = "transit"
    log_transit_key: str | None = None
    log_kept: Path
    log_witnesses: Path | None = None

    @field_validator("log_key", "log_kept", "log_witnesses", "log_transit_token_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError("must be an absolute path")
        return value

    @field_validator("log_origin")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not _ORIGIN.fullmatch(value):
            raise ValueError("must be a name like log.example.org/bailiwick: no scheme, spaces or trailing slash")
        return value

    @field_validator("log_transit_address")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        address = urlsplit(value or "https://-")
        near = address.hostname in ("localhost", "127.0.0.1", "::1")
        if not address.hostname or address.scheme not in (("http", "https") if near else ("https",)):
            raise ValueError("must begin with https://, or be on this machine")
        return value

    @model_validator(mode="after")
    def _signer_whole(self) -> "Settings":
        needed = ("log_key",) if self.log_signer == "file" else _TRANSIT
        for name in needed:
            if getattr(self, name) is None:
                raise ValueError(f"BAILIWICK_{name.upper()} is not set")
        return self

    def signer(self) -> Signer:
        """The signer that is named. Raises OSError or ValueError."""
        if self.log_signer == "file":
            assert self.log_key is not None
            return LocalSigner.from_file(self.log_key)
        assert self.log_transit_address and self.log_transit_token_file and self.log_transit_key
        transit = HTTPTransit(self.log_transit_address, self.log_transit_token_file, self.log_transit_mount)
        return TransitSigner(transit, self.log_transit_key)

    @property
    def conninfo(self) -> dict[str, str | int]:
        """How psycopg connects."""
        return {
            "host": self.database_host,
            "port": self.database_port,
            "dbname": self.database_name,
            "user": "bailiwick_sequencer",
            "password": self.database_sequencer_password.get_secret_value(),
            "sslmode": "verify-full" if self.database_tls else "prefer",
            "application_name": "bailiwick-sequencer",
            "connect_timeout": 5,
        }


def read() -> Settings:
    """Read the environment; leave the process with status 78 (EX_CONFIG) and a sentence if it will not do."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "".join(f"BAILIWICK_{part} " for part in problem["loc"]).upper()
            what = "is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
            print(f"bailiwick: {name}{what} (docs/operations.md says what it is for).", file=sys.stderr)
        # From None: a traceback would print the environment's values in some tools.
        raise SystemExit(78) from None
