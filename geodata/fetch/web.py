"""Ask the network for a file, and say in words why it does not come."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

import requests
from urllib3.exceptions import NameResolutionError

from phusong.errors import PhusongError

TOKEN = "{token}"  # noqa: S105 - where a secret goes in an address, not a secret
MAX_REDIRECTS = 10
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
GONE = (404, 410)
FORBIDDEN = (401, 403)
REDIRECTS = (301, 302, 303, 307, 308)
USER_AGENT = "phusong (data fetch)"
_SCHEMES = ("http", "https")
_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry")


@dataclass(frozen=True)
class Address:
    """An address to show, and the secret that goes in the place of ``{token}`` when it is asked.

    The secret is in no text that this program makes: not in errors, records, names or logs.
    """

    url: str
    secret: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the address without its secret."""
        return self.url.replace(TOKEN, "***")

    @property
    def full(self) -> str:
        """Return what the server is asked."""
        return self.url.replace(TOKEN, quote(self.secret, safe=""))

    def hide(self, text: str) -> str:
        """Return a text without the secret."""
        for form in {self.secret, quote(self.secret, safe="")} - {""}:
            text = text.replace(form, "***")
        return text


@dataclass(frozen=True)
class Patience:
    """How long to wait for an answer [s], how often to try in vain, the pause between [s]."""

    timeout_s: float = 30.0
    tries: int = 4
    pause_s: float = 1.0


class NetworkError(PhusongError):
    """A file cannot be had from the network; the command line exits with 1."""

    def __init__(self, address: Address, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(f"{address}: {address.hide(reason)}")


class MissingError(NetworkError):
    """The server says that there is no such file."""


class BrokenError(NetworkError):
    """The transfer failed in a way that may pass; another try is worth it."""


@contextmanager
def asked(
    address: Address, patience: Patience, headers: Mapping[str, str] | None = None
) -> Iterator[requests.Response]:
    """Yield the answer to a request, its body not read yet, after any redirects.

    Raises
    ------
    NetworkError
        When there is no answer, a redirect leads elsewhere than to http or https or leaves
        https, or the server refuses; ``MissingError`` for 404 and 410; ``BrokenError`` for what
        may pass, also while the body is read.
    """
    sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
    with _quiet(address), requests.Session() as session:
        session.auth = _anonymous
        try:
            with _followed(session, address, sent, patience.timeout_s) as answer:
                _check_status(address, answer)
                yield answer
        except requests.RequestException as error:
            raise _unanswered(address, error, patience.timeout_s) from None


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no password that a .netrc file may hold for the host."""
    return request


@contextmanager
def _quiet(address: Address) -> Iterator[None]:
    """Keep an address with a secret out of the log of the network library."""
    told = [logging.getLogger(name) for name in _LOGGERS] if address.secret else []
    was = [logger.disabled for logger in told]
    try:
        for logger in told:
            logger.disabled = True
        yield
    finally:
        for logger, before in zip(told, was, strict=True):
            logger.disabled = before


def _followed(
    session: requests.Session, address: Address, headers: Mapping[str, str], timeout_s: float
) -> requests.Response:
    url = address.full
    for _ in range(MAX_REDIRECTS):
        answer = session.get(
            url, headers=headers, timeout=timeout_s, stream=True, allow_redirects=False
        )
        if answer.status_code not in REDIRECTS or "Location" not in answer.headers:
            return answer
        answer.close()
        url = _next(address, url, answer.headers["Location"])
    raise NetworkError(address, f"more than {MAX_REDIRECTS} redirects")


def _next(address: Address, url: str, location: str) -> str:
    """Return where a redirect leads, if it may be followed."""
    target = urljoin(url, location)
    scheme = urlsplit(target).scheme
    if scheme not in _SCHEMES:
        raise NetworkError(address, f"redirects to {scheme}:, which is not followed")
    if urlsplit(url).scheme == "https" and scheme != "https":
        raise NetworkError(address, "redirects from https to http, which is not followed")
    return target


def _check_status(address: Address, answer: requests.Response) -> None:
    status = answer.status_code
    said = f"the server answers {status} {answer.reason or ''}".rstrip()
    if status in GONE:
        raise MissingError(address, said)
    if status in FORBIDDEN:
        token = ": is the token right?" if address.secret else ""
        raise NetworkError(address, said + token)
    if status == TOO_MANY_REQUESTS:
        raise NetworkError(address, f"{said}: the limit of downloads is reached; try tomorrow")
    if status >= SERVER_ERROR:
        raise BrokenError(address, said)
    if status not in {200, 206, 416}:
        raise NetworkError(address, said)


def _unanswered(address: Address, error: requests.RequestException, timeout_s: float) -> Exception:
    """Return the error that says why there was no answer, or why it broke off."""
    causes = list(_causes(error))
    if isinstance(error, requests.Timeout) or any(isinstance(c, TimeoutError) for c in causes):
        return BrokenError(address, f"no answer within {timeout_s:g} s")
    if isinstance(error, requests.exceptions.SSLError):
        return NetworkError(address, "its certificate is not trusted")
    if isinstance(error, requests.exceptions.ProxyError):
        return NetworkError(address, "the proxy of this machine does not lead there")
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return NetworkError(address, "its name is not found: is there a network?")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return NetworkError(address, "nobody answers there (connection refused)")
    told = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), "")
    return BrokenError(address, "the transfer broke off" + (f" ({told})" if told else ""))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what lies behind it, as the network library nests them."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            behind = (getattr(cause, "reason", None), cause.__cause__, cause.__context__)
            waiting += [c for c in (*behind, *cause.args) if isinstance(c, BaseException)]
