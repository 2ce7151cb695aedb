"""The language in which everybody in the simulated Discord reads; SimCord has American English."""

from __future__ import annotations

from typing import Any

import simcord.interactions

_base_payload = simcord.interactions.base_payload


def read_in(locale: str) -> None:
    """Makes everybody in this process use Discord in a locale from now on."""

    def with_locale(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as in SimCord
        record, payload = _base_payload(*arguments, **options)
        return record, {**payload, "locale": locale}

    simcord.interactions.base_payload = with_locale
