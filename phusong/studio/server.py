"""A studio that is open: its address, its token, and the process that answers."""

import hashlib
import ipaddress
import secrets
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import uvicorn

from phusong.errors import Defect, InputError
from phusong.geodata.runs import folder as run_folder
from phusong.messages import message
from phusong.progress import Progress, silent
from phusong.studio.app import StudioApp
from phusong.studio.drafts_store import DraftStore
from phusong.studio.session import StudioRun

if TYPE_CHECKING:
    from phusong.geodata.province import Province

LOOPBACK = "127.0.0.1"
FOLDER = Path(platformdirs.user_state_dir("phusong")) / "studio"
SILENCE_S = 30


class StudioServer:
    """A studio on one run; ``run_forever`` answers until it is told to stop.

    Parameters
    ----------
    run
        Folder of a finished run.
    province
        With which it was planned.
    host
        Address to answer at.
    port
        Port, 0 for any free one.
    token
        That writing needs; made if empty.
    progress
        Of opening the run.
    drafts
        Folder of the drafts of all runs.

    Raises
    ------
    InputError
        The folder is no finished run, the address is no loopback and no token is stated, or the
        port is taken.
    """

    def __init__(
        self,
        run: Path,
        province: "Province",
        *,
        host: str = LOOPBACK,
        port: int = 0,
        token: str = "",
        progress: Progress = silent,
        drafts: Path = FOLDER,
    ) -> None:
        if not is_loopback(host) and not token:
            problem, remedy = message("problem.is_beyond_loopback"), message("remedy.state_a_token")
            raise InputError(
                message("refusal.cannot_open_the_studio"),
                [Defect("--host", problem, remedy, value=host)],
            )
        opened = run_folder.open_run(run)
        self.run = StudioRun(opened, province, progress)
        self.token = token or secrets.token_urlsafe(24)
        self.socket = _bound(host, port)
        self.host, self.port = host, int(self.socket.getsockname()[1])
        names = [*opened.record.get("files", []), "report.pdf"]
        files = {name: opened.path / name for name in names if isinstance(name, str)}
        app = StudioApp(self.run, DraftStore(drafts / _named(opened.path)), files, self._page)
        hosts = frozenset({host.lower(), "localhost"} if is_loopback(host) else {host.lower()})
        config = uvicorn.Config(
            app.guarded(self.token, hosts),
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_keep_alive=SILENCE_S,
            lifespan="off",
        )
        self._jobs = app.jobs
        self._server = uvicorn.Server(config)

    @property
    def address(self) -> str:
        """The address of the page, without the token."""
        return f"http://{self.host}:{self.port}/"

    @property
    def is_open_to_others(self) -> bool:
        """Whether other computers may ask."""
        return not is_loopback(self.host)

    def address_with_token(self, language: str) -> str:
        """Return the address that lets a browser try and keep.

        The token stands in the fragment, which browsers send to no server.

        Parameters
        ----------
        language
            Of the page.
        """
        return f"{self.address}?lang={language}#token={self.token}"

    def prepare(self) -> None:
        """Open the bench in the background, so that the first question is answered soon."""
        threading.Thread(target=self.run.state, daemon=True).start()

    def run_forever(self) -> None:
        """Answer until the process is interrupted."""
        try:
            self._server.run(sockets=[self.socket])
        finally:
            self._jobs.close()

    def stop(self) -> None:
        """Stop answering soon."""
        self._server.should_exit = True

    def _page(self, language: str) -> str:
        from phusong.maps.pages import province_map  # noqa: PLC0415 - the API starts without it

        return province_map.rendered(self.run.folder, language, studio=True)


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this computer alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket at an address; raise where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(128)  # whoever asks before the server runs waits
    except OSError as error:
        opened.close()
        remedy = message("remedy.choose_another_or_0")
        defect = Defect("--port", error.strerror or str(error), remedy, value=port)
        raise InputError(message("refusal.cannot_open_the_port"), [defect]) from None
    return opened


def _named(run: Path) -> str:
    """Return the name under which the drafts of a run are kept."""
    return hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:16]
