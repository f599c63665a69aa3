"""A rate with a burst: how long the next frame has to wait."""

from __future__ import annotations


class TokenBucket:
    """Gives so many turns a second, and as many as for one second at once after a quiet time."""

    def __init__(self, per_second: float, now: float) -> None:
        self._per_second = per_second
        self._size = max(1.0, per_second)
        self._tokens = self._size
        self._at = now

    def take(self, now: float) -> float:
        """Takes a turn; returns the seconds until it comes."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        self._tokens -= 1
        return 0.0 if self._tokens >= 0 else -self._tokens / self._per_second
