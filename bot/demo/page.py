"""The demo's page: that of the simulated Discord, with a guide, a style and a script of the demo's.

SimCord's page is for people who test bots. Here its tools are hidden, and it does what Discord does
where it does not itself: ``static/demo.js`` says what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import simcord
from aiohttp import web
from simcord.preview import Preview
from simcord.preview._server import PreviewServer

_FOLDER = Path(__file__).with_name("static")
_FILES = {"/demo.css": "text/css", "/demo.js": "application/javascript"}
_BRAND = (
    '<span class="brand-mark" aria-hidden="true">S</span>\n'
    "          <span><strong>SimCord</strong><small>Preview</small></span>",
    '<span class="demo-brand"><strong>Jelly demo</strong>'
    "<small>a simulated Discord, by SimCord</small></span>",
)


class DemoPage(Preview):
    """SimCord's page of a channel, at which a press counts although the page changed meanwhile.

    SimCord refuses a press that was on its way when the page was refreshed, and a refresh while
    it handles a press: right for a test, and odd for a person, as messages arrive by themselves.
    The control that was pressed must still be there.
    """

    def __init__(
        self,
        environment: simcord.Env,
        channel: simcord.ChannelHandle,
        viewers: Sequence[simcord.MemberActor],
        *,
        timezone: str,
        locale: str,
        port: int | None,
    ) -> None:
        super().__init__(
            environment,
            channel,
            tuple(viewers),
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale=locale,
            timezone=timezone,
            presentation_time=None,
            assets=None,
            port=port or 0,
        )
        self._server = _Server(self, port or 0)
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        async with self._turn:
            await super().refresh()

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self._turn:
            if isinstance(body, Mapping):
                revision = self._get_page(context_id).revision
                body = {**body, "published_revision": revision}
            return await super()._action(context_id, body)


class _Server(PreviewServer):
    """Serves the page; each change of it does nothing if SimCord's page no longer has the place."""

    _STATIC_FILES = PreviewServer._STATIC_FILES | dict.fromkeys(_FILES, "")

    async def _static(self, request: Any) -> Any:  # noqa: ANN401  as in SimCord
        if request.path in _FILES:
            text = (_FOLDER / request.path[1:]).read_text("utf-8")
            content_type = _FILES[request.path]
            return web.Response(
                text=text, content_type=content_type, headers=self._SECURITY_HEADERS
            )
        response = await super()._static(request)
        if request.path == "/":
            response.text = with_guide(response.text)
        return response


def with_guide(page: str) -> str:
    """Returns SimCord's page with the demo's own parts."""
    guide = (_FOLDER / "guide.html").read_text("utf-8")
    for old, new in (
        ("<title>SimCord Preview</title>", "<title>Jelly demo</title>"),
        ("</head>", '<link rel="stylesheet" href="/demo.css">\n  </head>'),
        ("</body>", '<script type="module" src="/demo.js"></script>\n  </body>'),
        ("</header>", f"{guide}</header>"),
        _BRAND,
    ):
        page = page.replace(old, new, 1)
    return page
