"""What this package raises."""

from __future__ import annotations

from typing import Optional, Union

from .close_codes import close_name, is_final


class CouchwireError(Exception):
    """An error of this package. Its text says what was wrong and what is allowed."""

    #: A close code of P4.1, an error code of P4.2, or one of this package: ``invalid_argument``, ``queue_full``, ``too_large``, ``timeout``.
    code: Union[int, str]

    def __init__(self, code: Union[int, str], message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidArgument(CouchwireError, ValueError):
    """What was passed in makes no sense."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid_argument", message)


class QueueFull(CouchwireError):
    """More waits to be sent than ``outbox_bytes``, and ``when_full`` is ``"refuse"``."""

    def __init__(self, message: str) -> None:
        super().__init__("queue_full", message)


class TooLarge(CouchwireError):
    """One frame has more bytes than the server takes."""

    def __init__(self, message: str) -> None:
        super().__init__("too_large", message)


class Refused(CouchwireError):
    """The server refused a command that the caller waits for. ``code`` is of P4.2."""


class ConnectTimeout(CouchwireError, TimeoutError):
    """No room came about within ``connect_timeout``. The text has the reason of the last attempt."""

    def __init__(self, message: str) -> None:
        super().__init__("timeout", message)


class Closed(CouchwireError):
    """The connection is over for good, and why."""

    code: int

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, f"{code} {close_name(code) or 'unknown'}: {reason}" if reason else f"closed with {code}")
        self.code = code
        #: A sentence for people, which may be empty.
        self.reason = reason

    @property
    def name(self) -> Optional[str]:
        """The name of the close code in ``CLOSE_CODES``."""
        return close_name(self.code)

    @property
    def is_final(self) -> bool:
        """Whether coming back would only be refused again (P4.1)."""
        return is_final(self.code)
