"""Data of a game as frames: text stays text, bytes stay bytes, everything else becomes JSON."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from .errors import InvalidArgument
from .send_window import Frame


def to_frame(data: Any) -> Frame:
    """``str`` is a text frame, ``bytes`` (and ``bytearray``, ``memoryview``) a binary one, everything else a text frame of its JSON."""
    if isinstance(data, str):
        return data
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    return to_json(data)


def to_json(value: Any) -> str:
    """The value as JSON; ``InvalidArgument`` at what JSON cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(f"Only text, bytes and what JSON can hold may be sent: {error}") from error
    return text


def parse_sdk_frame(text: str) -> Optional[Dict[str, Any]]:
    """A frame of the SDK (P5.10): a JSON object whose first member is ``"cw"``; ``None`` for every other text, which is the game's."""
    if not text.lstrip(" \t\r\n").startswith("{"):
        return None
    if not text.lstrip(" \t\r\n{").startswith('"cw"'):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("cw"), str) else None
