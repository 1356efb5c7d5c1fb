"""What identity refuses beyond the common family."""

from config.errors import Refused


class RequestNotSigned(Refused):
    """The log did not sign the request in time: nothing was changed, and the log says so."""

    status = 503
