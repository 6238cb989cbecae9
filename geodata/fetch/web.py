"""Ask the network for a file, and say in words why it does not come."""

import ipaddress
import logging
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

from phusong.errors import HIDDEN, PhusongError, without_secrets
from phusong.messages import Text, message

TOKEN = "{token}"  # noqa: S105 - where a secret goes in an address, not a secret
MAX_REDIRECTS = 10
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
GONE = (404, 410)
FORBIDDEN = (401, 403)
REDIRECTS = (301, 302, 303, 307, 308)
USER_AGENT = "phusong (data fetch)"
_SCHEMES = ("http", "https")
MIN_BYTES_PER_S = 100.0  # a slower transfer is no transfer
_PAGE = re.compile(
    rb"(?is)[\s\xef\xbb\xbf]*(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html|head|body)\b"
)
_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry")


@dataclass(frozen=True)
class Address:
    """An address to show, and the secret that goes in the place of ``{token}`` when it is asked.

    The secret is in no text that this program makes: not in errors, records, names or logs; nor
    are a user and a password that stand in the address itself.
    """

    url: str
    secret: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the address without its secrets."""
        return without_secrets(self.url.replace(TOKEN, HIDDEN))

    def __repr__(self) -> str:
        """Return the same: the address may hold a password."""
        return f"Address({str(self)!r})"

    @property
    def full(self) -> str:
        """Return what the server is asked: with the secret, without user and password."""
        url = self.url.replace(TOKEN, quote(self.secret, safe=""))
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def login(self) -> tuple[str, str] | None:
        """Return user and password, if the address holds them."""
        parts = urlsplit(self.url)
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")

    @property
    def host(self) -> str:
        """Return the name of the host that was stated."""
        return (urlsplit(self.url).hostname or "").lower()

    def hide(self, text: str) -> str:
        """Return a text without the secret and the password."""
        login = None if problem_of(self.url) else self.login
        secrets = {self.secret, quote(self.secret, safe=""), *(login or ())[1:]}
        for form in secrets - {""}:
            text = text.replace(form, HIDDEN)
        return text


def problem_of(url: str) -> Text:
    """Return why an address cannot be asked; nothing where it can."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if known:
        return ""
    return message("problem.is_no_address_that_can_be_2")


@dataclass(frozen=True)
class Patience:
    """How long to wait for an answer [s], how often to try in vain, the pause between [s]."""

    timeout_s: float = 30.0
    tries: int = 4
    pause_s: float = 1.0


class NetworkError(PhusongError):
    """A file cannot be had from the network; the command line exits with 1."""

    def __init__(self, address: Address, reason: Text) -> None:
        self.address, self.reason = address, reason
        super().__init__(message("refusal.at_address", address=str(address), reason=reason))

    def spoken(self, language: str) -> str:
        """Return what is wrong in a language, without the secret of the address."""
        return self.address.hide(super().spoken(language))


class MissingError(NetworkError):
    """The server says that there is no such file."""


class BrokenError(NetworkError):
    """The transfer failed in a way that may pass; another try is worth it."""


@contextmanager
def answer_to(
    address: Address,
    patience: Patience,
    headers: Mapping[str, str] | None = None,
    session: requests.Session | None = None,
) -> Iterator[requests.Response]:
    """Yield the answer to a request, its body not read yet, after any redirects.

    Raises
    ------
    NetworkError
        When there is no answer, a redirect leads elsewhere than to http or https or leaves
        https, or the server refuses; ``MissingError`` for 404 and 410; ``BrokenError`` for what
        may pass, also while the body is read.
    """
    if problem := problem_of(address.url):
        raise NetworkError(address, problem)
    sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
    with _quiet(address), session_of(session) as own:
        try:
            with _followed(own, address, sent, patience.timeout_s) as answer:
                _check_status(address, answer)
                yield answer
        except requests.RequestException as error:
            raise _unanswered(address, error, patience.timeout_s) from None


@contextmanager
def session_of(given: requests.Session | None = None) -> Iterator[requests.Session]:
    """Yield a session that sends no password of its own accord: the given one, or a new one."""
    if given is not None:
        yield given
        return
    with requests.Session() as session:
        session.auth = _anonymous
        yield session


def chunks(answer: requests.Response, size: int, patience: Patience) -> Iterator[bytes]:
    """Yield the body as it comes; a server that gives a trickle is not waited for for ever.

    Raises
    ------
    requests.RequestException
        When the transfer breaks off or is too slow, for ``asked`` to say.
    """
    start, received = time.monotonic(), 0
    try:
        while chunk := answer.raw.read1(size):
            yield chunk
            received += len(chunk)
            elapsed_s = time.monotonic() - start
            if elapsed_s > patience.timeout_s:
                if received < MIN_BYTES_PER_S * elapsed_s:
                    raise requests.ReadTimeout
                start, received = time.monotonic(), 0
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except HTTPError as error:
        raise requests.ConnectionError(error) from error


def is_page(start: bytes, name: str) -> bool:
    """Return whether what comes in the place of a file is a web page, such as one to log in."""
    return bool(_PAGE.match(start)) and not name.endswith((".html", ".htm"))


def page_error(address: Address) -> NetworkError:
    """Return the error that says so."""
    return NetworkError(address, message("problem.a_web_page_comes"))


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no password that a .netrc file may hold for the host."""
    return request


@contextmanager
def _quiet(address: Address) -> Iterator[None]:
    """Keep an address with a secret out of the log of the network library."""
    secret = str(address) != address.url
    loggers = [logging.getLogger(name) for name in _LOGGERS] if secret else []
    was = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        yield
    finally:
        for logger, before in zip(loggers, was, strict=True):
            logger.disabled = before


def _followed(
    session: requests.Session, address: Address, headers: Mapping[str, str], timeout_s: float
) -> requests.Response:
    url = address.full
    for _ in range(MAX_REDIRECTS):
        own = _origin(url) == _origin(address.full)  # a password goes to no other place
        auth = HTTPBasicAuth(*address.login) if own and address.login else None
        answer = session.get(
            url, headers=headers, timeout=timeout_s, stream=True, allow_redirects=False, auth=auth
        )
        if answer.status_code not in REDIRECTS or "Location" not in answer.headers:
            return answer
        answer.close()
        url = _next(address, url, answer.headers["Location"])
    raise NetworkError(address, message("problem.more_redirects_than", most=MAX_REDIRECTS))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _next(address: Address, url: str, location: str) -> str:
    """Return where a redirect leads, if it may be followed."""
    target = _joined(url, location)
    scheme = target.partition(":")[0].lower()
    if scheme not in _SCHEMES:
        raise NetworkError(address, message("problem.redirects_to_scheme", scheme=scheme))
    if problem := problem_of(target):
        raise NetworkError(address, message("problem.redirects_to_what", problem=problem))
    if urlsplit(url).scheme == "https" and scheme != "https":
        raise NetworkError(address, message("problem.redirects_from_https_to_http"))
    host = (urlsplit(target).hostname or "").lower()
    if host != address.host and _is_inside(host):
        reason = message("problem.redirects_to_which_is_inside_this", host=host)
        raise NetworkError(address, reason)
    return target


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _is_inside(host: str) -> bool:
    """Return whether a host has an address that is not of the public network."""
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False  # the request will say that the name is not found
    return any(not ipaddress.ip_address(text.partition("%")[0]).is_global for text in addresses)


def _check_status(address: Address, answer: requests.Response) -> None:
    status = answer.status_code
    status_text = f"{status} {answer.reason or ''}".rstrip()
    answered = message("problem.the_server_answers", status=status_text)
    if status in GONE:
        raise MissingError(address, answered)
    if status in FORBIDDEN:
        if address.secret:
            answered = message("problem.the_server_answers_is_the_token_right", status=status_text)
        raise NetworkError(address, answered)
    if status == TOO_MANY_REQUESTS:
        limit = message("problem.the_limit_of_downloads_is_reached", status=status_text)
        raise NetworkError(address, limit)
    if status >= SERVER_ERROR:
        raise BrokenError(address, answered)
    if status not in {200, 206, 416}:
        raise NetworkError(address, answered)


def _unanswered(address: Address, error: requests.RequestException, timeout_s: float) -> Exception:
    """Return the error that says why there was no answer, or why it broke off."""
    causes = list(_causes(error))
    if isinstance(error, requests.Timeout) or any(isinstance(c, TimeoutError) for c in causes):
        return BrokenError(address, message("problem.no_answer_within", seconds=timeout_s))
    if reason := _refused(error, causes):
        return NetworkError(address, reason)
    reason = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), "")
    if reason:
        return BrokenError(address, message("problem.the_transfer_broke_off_for", reason=reason))
    return BrokenError(address, message("problem.the_transfer_broke_off"))


def _refused(error: requests.RequestException, causes: list[BaseException]) -> Text:
    """Return why no other try is worth it, '' where one is."""
    if isinstance(error, requests.exceptions.SSLError):
        return message("problem.its_certificate_is_not_trusted")
    if isinstance(error, requests.exceptions.ProxyError):
        return message("problem.the_proxy_does_not_lead_there")
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return message("problem.its_name_is_not_found")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return message("problem.nobody_answers_there")
    return ""


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
