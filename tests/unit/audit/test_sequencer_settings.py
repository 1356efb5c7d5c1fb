"""The sequencer's settings: a missing or unusable one stops the start with a sentence, and no value is shown."""

import pytest

from audit.sequencer.settings import read
from audit.transit import TransitSigner

GOOD = {
    "DATABASE_HOST": "/run/postgresql",
    "DATABASE_SEQUENCER_PASSWORD": "hunter2",
    "LOG_ORIGIN": "log.example.org/bailiwick",
    "LOG_KEY": "/keys/log",
    "LOG_KEPT": "/kept",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("PORT", "NAME", "TLS"):
        monkeypatch.delenv(f"BAILIWICK_DATABASE_{name}", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"BAILIWICK_{name}", value)
    return monkeypatch


def test_what_is_whole_is_read(given: pytest.MonkeyPatch) -> None:
    conninfo = read().conninfo
    assert (conninfo["user"], conninfo["dbname"], conninfo["sslmode"]) == ("bailiwick_sequencer", "bailiwick", "prefer")
    given.setenv("BAILIWICK_DATABASE_TLS", "true")
    assert read().conninfo["sslmode"] == "verify-full"


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_one_is_named(given: pytest.MonkeyPatch, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    given.delenv(f"BAILIWICK_{name}")
    with pytest.raises(SystemExit) as end:
        read()
    assert end.value.code == 78
    assert capsys.readouterr().err.startswith(f"bailiwick: BAILIWICK_{name} is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_ORIGIN", "https://log.example.org"),
        ("LOG_ORIGIN", "log.example.org/"),
        ("LOG_ORIGIN", "log example"),
        ("LOG_ORIGIN", "log.example.org/a+b"),
        ("LOG_KEY", "keys/log"),
        ("LOG_KEPT", "kept"),
        ("LOG_SIGNER", "vault"),
        ("LOG_TRANSIT_TOKEN_FILE", "token"),
        ("LOG_TRANSIT_ADDRESS", "http://bao.example"),
        ("LOG_TRANSIT_ADDRESS", "bao.example"),
        ("DATABASE_PORT", "0"),
    ],
)
def test_an_unusable_one_is_named_and_not_shown(
    given: pytest.MonkeyPatch, name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given.setenv(f"BAILIWICK_{name}", value)
    with pytest.raises(SystemExit) as end:
        read()
    said = capsys.readouterr().err
    assert end.value.code == 78
    assert said.startswith(f"bailiwick: BAILIWICK_{name} ")
    assert "hunter2" not in said


def test_a_key_in_transit_needs_no_file_and_all_of_its_own(
    given: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given.delenv("BAILIWICK_LOG_KEY")
    transit = {"SIGNER": "transit", "TRANSIT_ADDRESS": "https://bao", "TRANSIT_TOKEN_FILE": "/t", "TRANSIT_KEY": "log"}
    for name, value in transit.items():
        given.setenv(f"BAILIWICK_LOG_{name}", value)
    assert isinstance(read().signer(), TransitSigner)
    given.setenv("BAILIWICK_LOG_TRANSIT_ADDRESS", "http://127.0.0.1:8200")
    assert read().log_transit_mount == "transit"
    given.delenv("BAILIWICK_LOG_TRANSIT_KEY")
    with pytest.raises(SystemExit):
        read()
    assert capsys.readouterr().err.startswith("bailiwick: BAILIWICK_LOG_TRANSIT_KEY is not set")
