"""The pause before a reconnect."""

from __future__ import annotations

#: Upper bound of the first pause, in seconds. It doubles with every failed attempt.
FIRST_DELAY = 0.5
MAX_DELAY = 10.0
#: The same for codes after which a quick retry does harm: the server is full or has a bug, or this client was rate limited.
FIRST_PATIENT_DELAY = 4.0
MAX_PATIENT_DELAY = 60.0

_PATIENT_CODES = frozenset((1011, 1013, 4029))


def retry_delay(attempt: int, code: int, random: float) -> float:
    """Exponential back-off with full jitter: anything from nothing to the ceiling, so that many clients do not come back in the same moment."""
    is_patient = code in _PATIENT_CODES
    first, most = (FIRST_PATIENT_DELAY, MAX_PATIENT_DELAY) if is_patient else (FIRST_DELAY, MAX_DELAY)
    return random * min(most, first * 2.0 ** min(attempt - 1, 32))
