"""Drafts on disk, those of each browser apart: what was argued survives a crash."""

import json
import re
import time
from pathlib import Path
from typing import Any

from phusong.geodata.files import toml_json, whole

NAME = re.compile(r"[\w\- .]{1,60}")
CLIENT = re.compile(r"[A-Za-z0-9-]{8,64}")
MOST_DRAFTS = 100  # of a browser
MOST_CLIENTS = 500


class DraftStore:
    """Drafts by browser and name.

    Parameters
    ----------
    folder
        Of the drafts of one run; made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listed(self, client: str) -> dict[str, Any]:
        """Return the drafts of a browser by name.

        Parameters
        ----------
        client
            What the browser calls itself.
        """
        path = self._path(client)
        return dict(toml_json.read_json(path)) if path.is_file() else {}

    def keep(self, client: str, name: str, stations: list[Any]) -> None:
        """Keep a draft under a name, in place of an earlier one.

        Raises
        ------
        ValueError
            The name is none, or there are too many drafts or browsers.
        """
        if not NAME.fullmatch(name):
            raise ValueError("name")
        drafts = self.listed(client)
        clients = len(list(self.folder.glob("*.json"))) if self.folder.is_dir() else 0
        if len({*drafts, name}) > MOST_DRAFTS or (not drafts and clients >= MOST_CLIENTS):
            raise ValueError("full")
        drafts[name] = {"stations": stations, "changed": time.strftime("%Y-%m-%dT%H:%M:%S")}
        self._write(client, drafts)

    def drop(self, client: str, name: str) -> bool:
        """Forget a draft; return whether there was one."""
        drafts = self.listed(client)
        known = drafts.pop(name, None) is not None
        if known:
            self._write(client, drafts)
        return known

    def _write(self, client: str, drafts: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        whole.write_text(self._path(client), json.dumps(drafts, ensure_ascii=False, indent=1))

    def _path(self, client: str) -> Path:
        if not CLIENT.fullmatch(client):
            raise ValueError("client")
        return self.folder / f"{client}.json"
