"""The host's side of the wire: commands to frames, frames to events (P2, P5.3). Names stay as they are on the wire."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

import cbor2

#: An event of the server: ``cmd`` and its fields.
WireEvent = Dict[str, Any]


def encode_command(command: Mapping[str, Any]) -> bytes:
    """A command as one CBOR map, in a binary frame."""
    return cbor2.dumps(dict(command))


def decode_event(frame: bytes) -> Optional[WireEvent]:
    """Reads one frame of the server; ``None`` where it is no event. ``data`` of ``from`` is bytes, however the server wrote it."""
    try:
        event = cbor2.loads(frame)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("cmd"), str):
        return None
    if event["cmd"] == "from" and isinstance(event.get("data"), list):
        event["data"] = bytes(event["data"])
    return event
