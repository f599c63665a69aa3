"""Addresses of servers and rooms, and what a connection shows in its handshake."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from dataclasses import dataclass
from typing import List, Optional, Tuple
from urllib.parse import parse_qs, urlsplit

from .errors import InvalidArgument

_SERVER = re.compile(r"(?:http|ws)(s?)://([^/?#\s]+)([^?#\s]*)", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{4}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SECRET = re.compile(r"[A-Za-z0-9._-]+")
_LOOPBACK = re.compile(
    r"https?://(?:(?:[^/]*\.)?localhost\.?|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?:[:/]|$)", re.IGNORECASE
)
_INFO_TIMEOUT_SECONDS = 2.0
_MAX_INFO_BYTES = 65_536


@dataclass(frozen=True)
class Server:
    """The base addresses of a server, without trailing slashes."""

    http: str
    ws: str


def parse_server(address: str) -> Server:
    """Reads an address such as ``http://192.168.1.7:8081``; ``https``, ``ws`` and ``wss`` as well."""
    match = _SERVER.match(address) if isinstance(address, str) else None
    if match is None:
        raise InvalidArgument(
            f'The server\'s address has to be one such as "http://192.168.1.7:8081"; this is {address!r}.'
        )
    secure, place, path = match.group(1).lower(), match.group(2), match.group(3).rstrip("/")
    return Server(f"http{secure}://{place}{path}", f"ws{secure}://{place}{path}")


def parse_room_address(address: str, code: Optional[str]) -> Tuple[Server, str, Optional[str]]:
    """The server, the code and the rescue link's token of a room's address: ``http://192.168.1.7:8081/ABCD``, or ``…?room=ABCD``."""
    server = parse_server(address)
    query = parse_qs(urlsplit(address).query)
    rescue = query.get("rescue", [None])[0]
    if code is None and "room" in query:
        code = query["room"][0]
        server = parse_server(re.sub(r"/games/[^/]+(?:/[^/]*)?$", "", server.http))
    elif code is None:
        base, _, last = server.http.rpartition("/")
        if _CODE.fullmatch(last) is not None and not base.endswith(":/"):
            code, server = last, parse_server(base)
    if code is None or _CODE.fullmatch(code) is None:
        raise InvalidArgument(
            f'A room\'s address ends in its four letters, as in "http://192.168.1.7:8081/ABCD"; this is {address!r}.'
        )
    return server, code.upper(), rescue


def check_session(session: str) -> str:
    """The session, or ``InvalidArgument``, which never repeats it: it is a secret."""
    if not isinstance(session, str) or _SESSION.fullmatch(session) is None:
        raise InvalidArgument("A session is 16 to 128 of A-Z a-z 0-9 _ -.")
    return session


def secret_subprotocols(
    session: Optional[str], token: Optional[str] = None, pin: Optional[str] = None, rescue: Optional[str] = None
) -> List[str]:
    """Secrets as subprotocols (P5.9.9): proxies write addresses into their logs."""
    offered = [] if session is None else [f"couchwire.session.{session}"]
    if token is not None:
        offered.append(f"couchwire.token.{_checked(token, 'token')}")
    if pin:
        offered.append(f"couchwire.pin.{base64.urlsafe_b64encode(pin.encode()).decode().rstrip('=')}")
    if rescue is not None:
        offered.append(f"couchwire.rescue.{_checked(rescue, 'rescue')}")
    return offered


def _checked(secret: str, name: str) -> str:
    if _SECRET.fullmatch(secret) is None:
        raise InvalidArgument(f"`{name}` has letters that no {name} has.")
    return secret


def fetch_public_url(server: Server) -> str:
    """The address under which phones reach the server. Blocks for two seconds at most; the server's own address where it does not answer."""
    try:
        with urllib.request.urlopen(f"{server.http}/api/info", timeout=_INFO_TIMEOUT_SECONDS) as response:
            info = json.loads(response.read(_MAX_INFO_BYTES))
        url = parse_server(info["public_url"]).http
        is_configured = info.get("public_url_configured") is not False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return server.http  # It does not answer, or is another server: the address of the request is the best guess.
    return url if is_configured or _LOOPBACK.match(server.http) is not None else server.http
