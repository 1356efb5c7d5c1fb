"""Integrate and sign until told to stop."""

import logging
import signal
import sys
import threading
import time

import psycopg
import structlog

from audit.sequencer.cosigning import Cosigning, Witnesses
from audit.sequencer.kept import Kept
from audit.sequencer.settings import Settings, read
from audit.sequencer.store import Moved, Store
from audit.sequencer.work import Sequencer
from audit.signing import Signer

EVERY = 0.25
# After a lost connection, or while another sequencer works.
REST = 1.0
log = structlog.get_logger("sequencer")


def main() -> None:
    settings = read()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        signer = settings.signer()
        kept = Kept(settings.log_kept)
        witnesses = Witnesses.read(settings.log_witnesses) if settings.log_witnesses else Witnesses()
    except (OSError, ValueError) as fault:
        names = "BAILIWICK_LOG_KEY, BAILIWICK_LOG_TRANSIT_*, BAILIWICK_LOG_KEPT or BAILIWICK_LOG_WITNESSES"
        print(f"bailiwick: {names} is not usable: {fault}.", file=sys.stderr)
        raise SystemExit(78) from None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    # Without witnesses too: whoever was asked before is then seen to be asked no more.
    cosigning = Cosigning(settings.conninfo, settings.log_origin, witnesses)
    threading.Thread(target=cosigning.work, args=(stopping,), daemon=True).start()
    while not stopping.is_set():
        try:
            work(settings, signer, kept, stopping)
        except (psycopg.Error, Moved, OSError) as fault:
            # Whatever was not committed is done again from the start; the text may name rows.
            log.error("interrupted", kind=type(fault).__name__)
            stopping.wait(REST)


def work(settings: Settings, signer: Signer, kept: Kept, stopping: threading.Event) -> None:
    """Work over one connection until told to stop. Raises psycopg.Error when the database is lost."""
    with psycopg.connect(**settings.conninfo, autocommit=True) as connection:  # type: ignore[arg-type]
        store = Store(connection, settings.log_origin)
        while not store.alone():
            if stopping.wait(REST):
                return
        sequencer = Sequencer(store, kept, signer)
        sequencer.begin()
        log.info("working", origin=settings.log_origin)
        while not stopping.is_set():
            began = time.monotonic()
            if not sequencer.tick():
                stopping.wait(max(0.0, EVERY - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
