"""What the sequencer's environment says, typed and read once."""

import re
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    log_key: Path
    log_kept: Path
    log_witnesses: Path | None = None

    @field_validator("log_key", "log_kept", "log_witnesses")
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
            name = "BAILIWICK_" + "_".join(str(part) for part in problem["loc"]).upper()
            what = "is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
            print(f"bailiwick: {name} {what} (docs/operations.md says what it is for).", file=sys.stderr)
        # From None: a traceback would print the environment's values in some tools.
        raise SystemExit(78) from None
