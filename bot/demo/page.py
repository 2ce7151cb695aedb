"""The demo's page: that of the simulated Discord, with a guide, a style and a script of the demo's.

SimCord's page is for people who test bots. Here its tools are hidden, and it does what Discord does
where it does not itself: ``static/demo.js`` says what.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

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


class DemoServer(PreviewServer):
    """Serves the page; each change of it does nothing if SimCord's page no longer has the place."""

    _STATIC_FILES = PreviewServer._STATIC_FILES | dict.fromkeys(_FILES, "")

    def __init__(self, preview: Preview, port: int = 0) -> None:
        super().__init__(preview, port)
        self.turn = asyncio.Lock()
        """Held by what a person does on the page, and by what refreshes it: SimCord refuses the
        one while it does the other."""

    async def _action(self, request: Any) -> Any:  # noqa: ANN401  as in SimCord
        async with self.turn:
            return await super()._action(request)

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
