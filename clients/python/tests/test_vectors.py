"""The code of this package against docs/vectors.json, which is written by the code of the server."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Dict, List

import cbor2
import pytest
from servers import ROOT

from couchwire.address import secret_subprotocols
from couchwire.close_codes import CLOSE_CODES, is_final
from couchwire.control import (
    Ack,
    GameNotice,
    Hello,
    Ping,
    QueueNotice,
    RefusedNotice,
    RoleNotice,
    ShowToken,
    Skip,
    Time,
    TokenAnswer,
    escape_text,
    is_control,
    read_control,
    unescape_text,
    write_control,
)
from couchwire.payload import parse_sdk_frame
from couchwire.reliable_session import Data, Greeting, ReliableSession
from couchwire.send_window import Frame
from couchwire.wire import decode_event, encode_command

VECTORS: Dict[str, Any] = json.loads((ROOT / "docs" / "vectors.json").read_text(encoding="utf-8"))
Vector = Dict[str, Any]

WORDS: Dict[str, Any] = {
    "hello": Hello,
    "ack": Ack,
    "skip": Skip,
    "ping": Ping,
    "time": Time,
    "game": GameNotice,
    "queue": QueueNotice,
    "role": RoleNotice,
    "refused": RefusedNotice,
}


def of(name: str) -> pytest.MarkDecorator:
    """The vectors of this name, one test each."""
    vectors: List[Vector] = VECTORS[name]
    return pytest.mark.parametrize(
        "vector", vectors, ids=[f"{at}-{vector['rule']}" for at, vector in enumerate(vectors)]
    )


def value_of(value: Any) -> Any:
    """A value of the file, with its bytes as bytes."""
    if isinstance(value, dict) and list(value) == ["hex"]:
        return bytes.fromhex(value["hex"])
    if isinstance(value, dict):
        return {name: value_of(member) for name, member in value.items()}
    return [value_of(member) for member in value] if isinstance(value, list) else value


def frame_of(frame: Vector) -> Frame:
    """A frame of the file."""
    return frame["text"] if "text" in frame else bytes.fromhex(frame["hex"])


def in_file(frame: Frame) -> Vector:
    """A frame as the file writes it."""
    return {"text": frame} if isinstance(frame, str) else {"hex": frame.hex()}


@of("commands")
def test_p2_commands_are_the_same_bytes(vector: Vector) -> None:
    assert encode_command(value_of(vector["command"])).hex() == vector["hex"]


@of("events")
def test_p2_events_are_read(vector: Vector) -> None:
    assert decode_event(bytes.fromhex(vector["hex"])) == value_of(vector["event"])
    if "array" in vector:
        assert decode_event(bytes.fromhex(vector["array"])) == value_of(vector["event"])


@of("closes")
def test_p4_1_closes(vector: Vector) -> None:
    assert is_final(vector["code"]) == (vector["after"] == "final")
    if "name" in vector:
        entry = CLOSE_CODES[vector["name"]]
        assert (entry.code, entry.after, entry.reason) == (vector["code"], vector["after"], vector["reason"])


def test_p4_1_the_table_is_the_servers() -> None:
    assert sorted(CLOSE_CODES) == sorted(vector["name"] for vector in VECTORS["closes"] if "name" in vector)


@of("handshakes")
def test_p5_9_9_secrets_are_subprotocols(vector: Vector) -> None:
    offered = secret_subprotocols(vector["session"], vector.get("token"), vector.get("pin"), vector.get("rescue"))
    assert ["couchwire.v1", *offered] == vector["subprotocols"]


@of("controls")
def test_p5_5_control_frames(vector: Vector) -> None:
    word, text = vector["word"], vector["text"]
    assert is_control(text)
    control = read_control(text)
    if word == "token":
        expected = ShowToken(vector["token"]) if "token" in vector else TokenAnswer(**vector["fields"])
        assert control == expected
    else:
        fields = vector.get("fields") or ({"count": vector["count"]} if "count" in vector else {})
        assert type(control) is WORDS[word]
        read: Any = control
        assert {name: member for name, member in asdict(read).items() if member is not None} == fields
    if vector["from"] == "client":
        assert control is not None and write_control(control) == text


@of("escapes")
def test_p5_5_4_data_that_begins_with_zero(vector: Vector) -> None:
    assert escape_text(vector["data"]) == vector["text"]
    assert unescape_text(vector["text"]) == vector["data"]
    assert not is_control(vector["text"])


@of("sdk")
def test_p5_10_frames_of_the_sdk(vector: Vector) -> None:
    assert parse_sdk_frame(vector["text"]) == vector["value"]


@pytest.mark.parametrize("text", ["", "cw", '{"a":1,"cw":"event"}', '{"cw":1}', '{"cw":"event"', '["cw"]', '"cw"'])
def test_p5_10_every_other_text_is_the_games(text: str) -> None:
    assert parse_sdk_frame(text) is None


@of("conversations")
def test_p5_5_conversations(vector: Vector) -> None:
    """What the client writes and what its game hears are compared one by one; everything that it is given is in the steps between."""
    session = ReliableSession(
        vector.get("outboxBytes", 1_048_576), max_frame_bytes=1_048_576, when_full=vector.get("whenFull", "wait")
    )
    told: List[Vector] = []
    for step in vector["steps"]:
        (kind, value), *_ = step.items()
        if kind == "to_server":
            frame = session.next_frame()
            assert frame is not None and in_file(frame) == value
        elif kind in ("hear", "gap", "refused"):
            assert told.pop(0) == step
        else:
            assert told == []
            do(session, kind, value, told)
    assert told == [] and session.next_frame() is None


def do(session: ReliableSession, kind: str, value: Any, told: List[Vector]) -> None:
    if kind == "connect":
        assert session.resumption == value
    elif kind == "say":
        session.send(frame_of(value))
    elif kind == "quiet":
        session.acknowledge()
    elif kind == "ask":
        session.ask()
    elif kind == "cut":
        assert session.next_frame() is None
        session.down()
    else:
        assert kind == "from_server"
        take(session, frame_of(value), told)


def take(session: ReliableSession, frame: Frame, told: List[Vector]) -> None:
    incoming = session.read(frame)
    if isinstance(incoming, Data):
        told.append({"hear": in_file(incoming.frame)})
    elif isinstance(incoming, RefusedNotice):
        told.append({"refused": incoming.reason})
    elif isinstance(incoming, Greeting):
        told.extend({"hear": in_file(greeted)} for greeted in incoming.frames)
        if incoming.has_gap:
            told.append({"gap": {"lost": incoming.lost, "unsent": incoming.unsent}})


@pytest.mark.parametrize(
    "frame", [b"", b"\xff", cbor2.dumps([1]), cbor2.dumps({"a": 1}), cbor2.dumps({"cmd": 1}), b"\x81" * 100_000]
)
def test_a_frame_that_is_no_event_is_passed_over(frame: bytes) -> None:
    assert decode_event(frame) is None
