"""How a command speaks to a running network: its address, its credential, and errors as the server
tells them.
"""

from __future__ import annotations

import os
from typing import Any

import httpx

from openclets.foundation.errors import BadInput, Fault, Refused, RuleCited, Unavailable
from openclets.foundation.settings import Settings, read_settings

TIMEOUT_S = 30.0


class Server:
    """A network at `settings.url`, asked with `settings.token`."""

    def __init__(self, settings: Settings | None = None) -> None:
        chosen = settings or read_settings(os.environ)
        if not chosen.token:
            fault = Fault(
                "OPENCLETS_TOKEN",
                "is not set",
                "set it to the token your coordinator gave you",
                "SETTING_INVALID",
            )
            raise BadInput((fault,), "SETTING_INVALID")
        self._client = httpx.Client(
            base_url=chosen.url.rstrip("/"),
            headers={"authorization": f"Bearer {chosen.token}"},
            timeout=TIMEOUT_S,
        )

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to `body`. Raises Refused, BadInput or Unavailable as the server said."""
        return self._sent("POST", path, json=body)

    def get(self, path: str) -> dict[str, Any]:
        """What stands at `path`. Raises as `post`."""
        return self._sent("GET", path)

    def _sent(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **body)
            shown: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as lost:
            raise Unavailable("SERVER_UNREACHABLE", f"The server does not answer: {lost}") from lost
        if "error" in shown:
            raise _error(shown["error"], answer)
        return shown


def _error(shown: dict[str, Any], answer: httpx.Response) -> Refused | Unavailable:
    if answer.status_code == 503:
        return Unavailable(shown["code"], shown["message"])
    if shown.get("faults"):
        bad = BadInput(tuple(Fault(**fault) for fault in shown["faults"]), shown["code"])
        bad.receipt = shown.get("receipt")
        return bad
    rules = tuple(RuleCited(**rule) for rule in shown.get("rules", []))
    refused = Refused(shown["code"], shown["message"], rules=rules)
    refused.receipt = shown.get("receipt")
    return refused
