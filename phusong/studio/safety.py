"""Who may ask the studio what: the token, the hosts, the size and the rate of requests."""

import hmac
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

BODY_BYTES = 2_000_000  # of a request: 10,000 stations
REQUESTS, WINDOW_S = 600, 60.0  # from one address
READING = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guarded:
    """An application behind the checks that every request must pass.

    A foreign page could point its own name at this computer, so that the Host header is checked;
    what is no plain reading needs the token; no origin but our own is answered.

    Parameters
    ----------
    app
        The application.
    token
        That writing needs.
    hosts
        Names and addresses by which the studio may be called, in lower case.
    """

    def __init__(self, app: App, token: str, hosts: frozenset[str]) -> None:
        self.app, self.token, self.hosts = app, token, hosts
        self._asked: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refused = self._refused(request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self.app(scope, _bounded(receive), _with_headers(send))

    def _refused(self, request: Request) -> Response | None:
        if _name(request.headers.get("host", "")) not in self.hosts:
            return refusal(403, "host")
        origin = request.headers.get("origin", "")
        if origin and _name(origin.partition("://")[2]) not in self.hosts:
            return refusal(403, "origin")
        if request.method not in READING and not self._has_token(request):
            return refusal(403, "token")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            return refusal(413, "body")
        if self._is_too_often(request.client.host if request.client else ""):
            return refusal(429, "rate")
        return None

    def _has_token(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _is_too_often(self, address: str) -> bool:
        now = time.monotonic()
        times = self._asked.setdefault(address, deque())
        while times and now - times[0] > WINDOW_S:
            times.popleft()
        times.append(now)
        return len(times) > REQUESTS


def refusal(status: int, reason: str) -> JSONResponse:
    """Return why a request is not answered: ``host``, ``origin``, ``token``, ``body``, ``rate``."""
    return JSONResponse({"error": reason}, status, HEADERS)


def _name(host: str) -> str:
    """Return the name in a Host header, which may be without a port, or an IPv6 address."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).strip("[]").lower()


def _bounded(receive: Receive) -> Receive:
    """Return what receives no more than a body may have, whatever its header says."""
    taken = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        part = await receive()
        taken += len(part.get("body", b""))
        return part if taken <= BODY_BYTES else {"type": "http.disconnect"}

    return bounded


def _with_headers(send: Send) -> Send:
    async def sent(part: MutableMapping[str, Any]) -> None:
        if part["type"] == "http.response.start":
            held = {name.lower() for name, _ in part["headers"]}
            part["headers"] = [
                *part["headers"],
                *(
                    (name.lower().encode(), value.encode())
                    for name, value in HEADERS.items()
                    if name.lower().encode() not in held
                ),
            ]
        await send(part)

    return sent
