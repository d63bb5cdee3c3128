"""The preview's own little web server: which address gives what."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from digest.errors import DigestError
from digest.preview import editors, page, ruler, state, stream, views
from digest.preview.door import LARGEST_BODY, Door, Guarded
from digest.preview.finished import Finished
from digest.preview.prepared import Prepared
from digest.preview.room import Room, Shown
from digest.preview.stream import Streams
from digest.preview.work import Listed

#: What the page is made of besides itself.
_PAGE = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
#: Nothing that stands alone needs anything.
_ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"
#: The frame has no origin, so to a browser whatever it loads is another site's.
_FOR_FRAME = {"Cross-Origin-Resource-Policy": "cross-origin"}

T = TypeVar("T")
Answer = dict[str, Any]


class Application:
    """Answers, all from what `room` has."""

    def __init__(self, room: Room, door: Door, *, first: str) -> None:
        """`first` is the slug that the bare address leads to."""
        self.room = room
        self.door = door
        self.first = first
        self.run = secrets.token_urlsafe(6)
        self.streams = Streams()
        self.prepared = Prepared()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._files = {
            path.name: path for path in Path(page.__file__).parent.iterdir() if path.suffix in _PAGE and path.is_file()
        }
        #: The editor's name and why no test can be sent, and with which settings that was so.
        self._readiness: tuple[int, str, str] | None = None
        room.listen(self._heard)
        self.asgi = Guarded(
            Starlette(
                routes=[
                    Route("/", self._home),
                    Route("/issue/{slug}", self._issue),
                    Route("/mail/{slug}", self._mail),
                    Route("/text/{slug}", self._text),
                    Route("/source/{slug}", self._source),
                    Route("/headers/{slug}", self._headers),
                    Route("/eml/{slug}", self._eml),
                    Route("/state/{slug}", self._state),
                    Route("/events/{slug}", self._events),
                    Route("/pictures/{slug}/{name}", self._picture),
                    Route("/height/{key}/{pixels:int}", self._height),
                    Route("/at/{slug}/{line:int}", self._at),
                    Route("/page/{name}", self._page_file),
                    Route("/open", self._open, methods=["POST"]),
                    Route("/send-test", self._send_test, methods=["POST"]),
                ],
                exception_handlers={404: _not_found, 405: _not_found, 500: _failed},
            ),
            door,
            room.busy,
        )

    def begin(self) -> None:
        """To be called once, in the event loop's thread, before the first request."""
        self._loop = asyncio.get_running_loop()

    # --- what changes

    def _heard(self, shown: Shown) -> None:
        """Told by the room, in its thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            event = {"version": shown.version, "ok": not shown.errors, "looking": shown.looking, "run": self.run}
            loop.call_soon_threadsafe(self.streams.to_issue, shown.slug, "state", event)
            if shown.mail is not None:
                # While the page hears of it and asks, what it will ask for is made.
                self.prepared.renew(shown.mail, shown.slug, self.streams.keys)

    def told_anew(self) -> None:
        """Have every open page look again, from whatever thread: the list of issues has changed."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._all_anew)

    def _all_anew(self) -> None:
        for slug in self.streams.slugs:
            self.streams.to_issue(slug, "state", {"version": 0, "run": self.run})

    # --- the page

    async def _home(self, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/issue/{quote(self.first, safe='')}{query}", 302)

    async def _issue(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        choices = {name: str(value) for name, value in request.query_params.items()}
        if self.room.last(slug) is None and slug == self.first and not request.query_params.get("key"):
            return StreamingResponse(self._page_to_come(request, choices), media_type="text/html")
        told = await self._told(request)
        if told is None:
            return _nowhere()
        return HTMLResponse(await in_thread(lambda: page.render(told, choices, self.door.token)))

    async def _page_to_come(self, request: Request, choices: Mapping[str, str]) -> AsyncIterator[str]:
        """The page of the first issue, begun while its mail is made: the browser fetches meanwhile what it needs."""
        yield page.opening()
        told = await self._told(request, at_once=True)
        if told is not None:
            html = await in_thread(lambda: page.render(told, choices, self.door.token))
            yield html.removeprefix(page.opening())

    async def _state(self, request: Request) -> Response:
        told = await self._told(request)
        return _nowhere() if told is None else JSONResponse(told)

    async def _told(self, request: Request, *, at_once: bool = False) -> Answer | None:
        """What there is to say of an issue; None when there is no such issue, and never was.

        `at_once` leaves out why no test can be sent, unless that is known: to find out takes as long as a mail. The
        page asks again as soon as it listens.
        """
        slug = request.path_params["slug"]
        key = request.query_params.get("key", "")
        if key not in self.door.keys:
            key = secrets.token_urlsafe(12)
            self.door.admit(key)
        return await in_thread(lambda: self._tell(slug, key, at_once))

    def _tell(self, slug: str, key: str, at_once: bool) -> Answer | None:
        shown = self._shown(slug)
        if shown is None:
            return None
        opens, why_not = (self._editor(), "") if at_once and self._readiness is None else self._ready()
        told = state.of(shown, self.room.work, self._issues(), run=self.run, can_open=opens, cannot_send=why_not)
        return {**told, "key": key}

    def _ready(self) -> tuple[str, str]:
        """The editor's name, and why no test could be sent; asked once until settings change, for it may take long."""
        settings, known = self.room.settings, self._readiness
        if known is None or known[0] != settings:
            known = self._readiness = (settings, self._editor(), self._cannot_send())
        return known[1:]

    def _editor(self) -> str:
        try:
            found = editors.find(self.room.work.editor())
        except DigestError:
            return ""
        return found.name if found else ""

    def _cannot_send(self) -> str:
        try:
            return self.room.work.cannot_send()
        except DigestError as error:
            return str(error)

    def _issues(self) -> list[Listed]:
        try:
            return list(self.room.work.issues())
        except DigestError:
            return []

    def _shown(self, slug: str) -> Shown | None:
        """The issue, if there is one or was one when it was last looked at."""
        known = any(each.slug == slug for each in self._issues()) or slug == self.first
        if not known and self.room.last(slug) is None:
            return None
        return self.room.shown(slug)

    # --- the mail, and what it is made of

    async def _finished(self, request: Request) -> Finished | None:
        slug = request.path_params["slug"]
        shown = self.room.last(slug) or await in_thread(lambda: self._shown(slug))
        if shown is None:
            raise HTTPException(404)
        return shown.mail

    async def _mail(self, request: Request) -> Response:
        query = request.query_params
        mode = query.get("mode", "light")
        key = query.get("key", "")
        watched = key in self.door.keys
        if not watched:
            key = secrets.token_urlsafe(12)
            self.door.admit(key)
        view = views.View(
            mode if mode in views.MODES else "light",  # type: ignore[arg-type]
            pictures=query.get("pictures") != "off",
            find=query.get("find") == "1",
            key=key,
            watched=watched,
            window=views.window(query.get("window", "")),
            quick=query.get("quick") == "1",
            tall=views.tall(query.get("tall", "")),
        )
        headers = {"Content-Security-Policy": views.policy(_origin(request), view), **_FOR_FRAME}
        finished = await self._finished(request)
        if finished is None:
            return HTMLResponse(_NO_MAIL, headers=headers)
        slug = request.path_params["slug"]
        return HTMLResponse(await in_thread(lambda: self.prepared.mail(finished, slug, view)), headers=headers)

    async def _text(self, request: Request) -> Response:
        finished = await self._finished(request)
        return _alone(finished.email.text if finished else _NO_MAIL_YET)

    async def _source(self, request: Request) -> Response:
        finished = await self._finished(request)
        return _alone(finished.html if finished else _NO_MAIL_YET)

    async def _headers(self, request: Request) -> Response:
        finished = await self._finished(request)
        try:
            return _alone(finished.headers if finished else _NO_MAIL_YET)
        except DigestError as error:
            return _alone(str(error))

    async def _eml(self, request: Request) -> Response:
        finished = await self._finished(request)
        try:
            content = finished.eml if finished else b""
        except DigestError as error:
            return _alone(str(error), 409)
        if not content:
            return _alone(_NO_MAIL_YET, 409)
        name = quote(f"{request.path_params['slug']}.eml", safe="")
        said = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Content-Security-Policy": _ALONE}
        return Response(content, media_type="message/rfc822", headers=said)

    async def _picture(self, request: Request) -> Response:
        finished = await self._finished(request)
        asset = finished.pictures.get(request.path_params["name"]) if finished else None
        if asset is None or asset.media_type not in {"image/jpeg", "image/png", "image/gif"}:
            return _nowhere()
        # The name is made from the content.
        kept = {"Cache-Control": "private, max-age=86400, immutable"}
        said = {"Content-Security-Policy": _ALONE, **kept, **_FOR_FRAME}
        return Response(asset.content, media_type=asset.media_type, headers=said)

    # --- what the frame tells without a script

    async def _height(self, request: Request) -> Response:
        pixels = min(ruler.TALLEST, request.path_params["pixels"])
        self.streams.to_page(request.path_params["key"], "height", {"type": "height", "n": pixels})
        return Response(status_code=204, headers=_FOR_FRAME)

    async def _at(self, request: Request) -> Response:
        slug, line = request.path_params["slug"], request.path_params["line"]
        shown = self.room.last(slug)
        if shown is not None and shown.mail is not None:
            place = next((each for each in shown.mail.places if each.line == line), None)
            if place is not None:
                file = state.from_root(shown.path, self.room.work.root)
                event = {"type": "at", "line": line, "file": file, "story": place.title}
                self.streams.to_page(request.query_params.get("key", ""), "at", event)
        return Response(status_code=204)

    async def _events(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        key = request.query_params.get("key", "")
        if await in_thread(lambda: self._shown(slug)) is None:
            return _nowhere()
        return StreamingResponse(
            self._streamed(slug, key),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def _streamed(self, slug: str, key: str) -> AsyncIterator[bytes]:
        queue = self.streams.join(slug, key)
        self.room.watch(slug, 1)
        try:
            # Whatever came between the page and its stream.
            shown = self.room.last(slug)
            if shown is not None:
                self._first_word(queue, shown)
            async for line in stream.lines(queue):
                yield line
        finally:
            self.streams.leave(queue)
            self.room.watch(slug, -1)

    def _first_word(self, queue: asyncio.Queue[stream.Event | None], shown: Shown) -> None:
        event = {"version": shown.version, "ok": not shown.errors, "looking": shown.looking, "run": self.run}
        queue.put_nowait(("state", event))

    async def _page_file(self, request: Request) -> Response:
        path = self._files.get(request.path_params["name"])
        if path is None:
            return _nowhere()
        return Response(await in_thread(path.read_bytes), media_type=_PAGE[path.suffix])

    # --- what does something

    async def _open(self, request: Request) -> Response:
        return await self._done(request, self._opened)

    async def _send_test(self, request: Request) -> Response:
        return await self._done(request, self._sent)

    async def _done(self, request: Request, do: Callable[[Mapping[str, Any]], Answer]) -> Response:
        """Do what our own page asked for, in a thread, and say how it went."""
        if not secrets.compare_digest(request.headers.get("x-digest-token", "").encode(), self.door.token.encode()):
            return _refused("This page is from an earlier preview.", "Load it again.", 403)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refused("Only JSON is read here.", "", 415)
        given = await _json(request)
        if not isinstance(given, dict):
            return _refused("That cannot be read.", "", 400)
        try:
            return JSONResponse({"ok": True, **await in_thread(lambda: do(given))})
        except DigestError as error:
            return _refused(error.what, error.hint, 409)

    def _opened(self, given: Mapping[str, Any]) -> Answer:
        slug, line, name = given.get("slug"), given.get("line"), given.get("file")
        shown = self.room.last(slug) if isinstance(slug, str) else None
        if shown is None or shown.path is None:
            raise DigestError("There is no file to open.")
        path = self._file(shown, name) if isinstance(name, str) and name else shown.path
        line = line if isinstance(line, int) and 0 < line < 10_000_000 else 1
        opened = editors.open_at(editors.find(self.room.work.editor()), path, line)
        return {"editor": opened}

    def _file(self, shown: Shown, name: str) -> Path:
        """A file that the page names: the issue's, or one of which something was told."""
        told = [shown.path, *(each.path for each in shown.errors), *(each.path for each in shown.findings)]
        for path in told:
            if path is not None and state.from_root(path, self.room.work.root) == name:
                return path
        raise DigestError("That file is no part of this issue.")

    def _sent(self, given: Mapping[str, Any]) -> Answer:
        slug, to = given.get("slug"), given.get("to")
        if not isinstance(slug, str) or self.room.last(slug) is None:
            raise DigestError("There is no such issue.")
        addresses = (
            [each.strip() for each in to if isinstance(each, str) and each.strip()] if isinstance(to, list) else []
        )
        if not addresses:
            raise DigestError("To whom? No address was given.")
        if len(addresses) > 20:
            raise DigestError("A test goes to 20 addresses at most.")
        results = self.room.work.send(slug, addresses, given.get("plain_subject") is True)
        return {"results": [{"to": address, "error": error} for address, error in results]}


async def in_thread(call: Callable[[], T]) -> T:
    """What `call` gives, from a thread that does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if outcome.cancelled():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(value)  # type: ignore[arg-type]

    def work() -> None:
        try:
            value, error = call(), None
        except BaseException as caught:  # handed to who waits
            value, error = None, caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=work, name="preview answers", daemon=True).start()
    return await outcome


async def _json(request: Request) -> object:
    """The body of a request; None when it is none, or too long."""
    import json

    content = b""
    try:
        async for part in request.stream():
            content += part
            if len(content) > LARGEST_BODY:
                return None
        return json.loads(content)
    except (ClientDisconnect, ValueError, RecursionError):
        return None


def _origin(request: Request) -> str:
    """As the door let it in."""
    return f"http://{request.headers['host'].lower()}"


_NO_MAIL_YET = "There is no mail yet: what is wrong stands on the preview's page.\n"
_NO_MAIL = (
    '<!DOCTYPE html><html lang="en"><title>No mail yet</title><meta name="color-scheme" content="light dark">'
    '<p style="font:16px/24px system-ui,sans-serif;text-align:center;margin:48px 16px">There is no mail yet.</p>'
)


def _alone(text: str, status: int = 200) -> Response:
    return PlainTextResponse(text, status_code=status, headers={"Content-Security-Policy": _ALONE})


def _refused(what: str, hint: str, status: int) -> Response:
    said = {"ok": False, "what": what, "hint": hint, "error": f"{what} {hint}".strip()}
    return JSONResponse(said, status_code=status)


def _nowhere() -> Response:
    return PlainTextResponse("There is nothing at this address.\n", status_code=404)


async def _not_found(request: Request, error: Exception) -> Response:
    return _nowhere()


async def _failed(request: Request, error: Exception) -> Response:
    return PlainTextResponse("digest failed at this; its terminal has the details.\n", status_code=500)
