"""The studio as a web application: its page, the files of the run, and the API under /api/v1."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from phusong import messages
from phusong.errors import InputError
from phusong.studio import openapi
from phusong.studio.drafts_store import DraftStore
from phusong.studio.jobs import Jobs
from phusong.studio.safety import Guarded
from phusong.studio.session import StudioRun

API = "/api/v1"
MOST_STATIONS = 10_000
QUICK_SWAPS, SWAPS = 0, 1000
MOST_PROOF_S = 120.0


class StudioApp:
    """The routes of a studio on one run.

    Parameters
    ----------
    run
        What is argued about.
    store
        Where drafts are kept.
    files
        Files of the run that may be handed out, by name.
    page
        Returns the text of the page in a language.
    """

    def __init__(
        self,
        run: StudioRun,
        store: DraftStore,
        files: Mapping[str, Path],
        page: Callable[[str], str],
    ) -> None:
        self.run, self.store, self.files, self.page = run, store, files, page
        self.jobs = Jobs()

    def guarded(self, token: str, hosts: frozenset[str]) -> Guarded:
        """Return the application behind its checks.

        Parameters
        ----------
        token
            That writing needs.
        hosts
            By which the studio may be called.
        """
        return Guarded(Starlette(routes=self._routes(), exception_handlers=HANDLERS), token, hosts)

    def _routes(self) -> list[Route]:
        api = [
            Route(f"{API}/openapi.json", self._openapi),
            Route(f"{API}/state", self._state),
            Route(f"{API}/candidates", self._candidates),
            Route(f"{API}/evaluate", self._evaluate, methods=["POST"]),
            Route(f"{API}/station", self._station, methods=["POST"]),
            Route(f"{API}/finish", self._finish, methods=["POST"]),
            Route(f"{API}/jobs/{{name}}", self._job),
            Route(f"{API}/jobs/{{name}}", self._stop, methods=["DELETE"]),
            Route(f"{API}/override", self._override, methods=["POST"]),
            Route(f"{API}/drafts", self._drafts),
            Route(f"{API}/drafts/{{name}}", self._keep, methods=["PUT"]),
            Route(f"{API}/drafts/{{name}}", self._drop, methods=["DELETE"]),
        ]
        return [*api, Route("/", self._page), Route("/{name}", self._file)]

    async def _page(self, request: Request) -> Response:
        text = await anyio.to_thread.run_sync(self.page, _language(request))
        return Response(text, media_type="text/html")

    async def _file(self, request: Request) -> Response:
        path = self.files.get(request.path_params["name"])
        return FileResponse(path) if path and path.is_file() else _unknown()

    async def _openapi(self, request: Request) -> Response:
        return JSONResponse(openapi.description(_language(request)))

    async def _state(self, _request: Request) -> Response:
        return JSONResponse(await anyio.to_thread.run_sync(self.run.state))

    async def _candidates(self, _request: Request) -> Response:
        return JSONResponse(await anyio.to_thread.run_sync(self.run.candidates))

    async def _evaluate(self, request: Request) -> Response:
        body, language = await _body(request), _language(request)
        stations = _stations(body, "stations")
        return await _worked(lambda: self.run.evaluate(stations, language))

    async def _station(self, request: Request) -> Response:
        body, language = await _body(request), _language(request)
        station, others = body.get("station"), _stations(body, "stations")
        if not isinstance(station, dict):
            raise BodyError("station")
        return await _worked(lambda: self.run.station(station, others, language))

    async def _finish(self, request: Request) -> Response:
        body = await _body(request)
        stations, settings = _stations(body, "stations"), body.get("settings", {})
        forbidden = body.get("forbid", [])
        if not isinstance(settings, dict):
            raise BodyError("settings")
        if not isinstance(forbidden, list) or not all(isinstance(n, str) for n in forbidden):
            raise BodyError("forbid")
        quick = body.get("quick", True) is not False
        seconds = body.get("proof_seconds", 0.0)
        if not isinstance(seconds, int | float) or not 0.0 <= seconds <= MOST_PROOF_S:
            raise BodyError("proof_seconds")

        def work() -> dict[str, Any]:
            swaps = QUICK_SWAPS if quick else SWAPS
            return self.run.finish(
                stations, forbidden, settings, swaps=swaps, proof_seconds=float(seconds)
            )

        return JSONResponse({"job": self.jobs.begin(work)}, 202)

    async def _job(self, request: Request) -> Response:
        state = self.jobs.state(request.path_params["name"])
        return JSONResponse(state) if state else _unknown()

    async def _stop(self, request: Request) -> Response:
        known = self.jobs.stop(request.path_params["name"])
        return Response(status_code=204) if known else _unknown()

    async def _override(self, request: Request) -> Response:
        stations = _stations(await _body(request), "stations")
        text = await anyio.to_thread.run_sync(lambda: self.run.override(stations))
        return PlainTextResponse(text, media_type="application/toml")

    async def _drafts(self, request: Request) -> Response:
        return await _worked(lambda: self.store.listed(_client(request)))

    async def _keep(self, request: Request) -> Response:
        stations, client = _stations(await _body(request), "stations"), _client(request)
        name = request.path_params["name"]
        await anyio.to_thread.run_sync(lambda: self.store.keep(client, name, stations))
        return Response(status_code=204)

    async def _drop(self, request: Request) -> Response:
        client, name = _client(request), request.path_params["name"]
        known = await anyio.to_thread.run_sync(lambda: self.store.drop(client, name))
        return Response(status_code=204) if known else _unknown()


class BodyError(ValueError):
    """A request without what its endpoint needs; the text names the part."""


async def _worked(work: Callable[[], Any]) -> Response:
    return JSONResponse(await anyio.to_thread.run_sync(work))


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise BodyError("json") from None
    if not isinstance(body, dict):
        raise BodyError("json")
    return body


def _stations(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    stations = body.get(name, [])
    if not isinstance(stations, list) or len(stations) > MOST_STATIONS:
        raise BodyError(name)
    if not all(isinstance(each, dict) for each in stations):
        raise BodyError(name)
    return stations


def _client(request: Request) -> str:
    return request.headers.get("x-phusong-client", "")


def _language(request: Request) -> str:
    asked_for = request.query_params.get("lang", messages.DEFAULT)
    return asked_for if asked_for in messages.SHIPPED else messages.DEFAULT


def _unknown() -> JSONResponse:
    return JSONResponse({"error": "unknown"}, 404)


async def _bad_input(request: Request, error: Exception) -> Response:
    """Answer what cannot be tried, with every defect."""
    if not isinstance(error, InputError):
        return JSONResponse({"error": "input"}, 422)
    language = _language(request)
    defects = [
        {
            "row": each.row,
            "column": each.column,
            "value": str(each.value) if each.value is not None else None,
            "problem": messages.speak(each.problem, language),
            "remedy": messages.speak(each.remedy, language),
        }
        for each in error.defects
    ]
    said = messages.speak(error.what, language)
    return JSONResponse({"error": said, "defects": defects}, 422)


async def _bad_body(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "body", "part": str(error)}, 400)


HANDLERS: dict[Any, Any] = {InputError: _bad_input, ValueError: _bad_body}
