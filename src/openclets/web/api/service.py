"""What every handler of the programs' side is given: the running parts, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from openclets.switch.inquiry import Sender
from openclets.web.api.bearer import sender_of
from openclets.web.api.door import Receive
from openclets.wiring import Running

ApiRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """The running parts behind the API."""

    running: Running

    def sender(self, request: ApiRequest, channel: str = "api") -> Sender:
        """Who is asking, by bearer token. Raises Refused(`NOT_AUTHENTICATED`), Unavailable."""
        network = self.running.network
        headers = list(request.scope["headers"])
        view, now = network.directory.current(), network.clock.now()
        return sender_of(headers, view, now, channel, request.scope.get("client"))


def receive_of(request: ApiRequest) -> Receive:
    """The request's own messages, for handlers that read the body with their own bounds."""
    return request.receive  # type: ignore[return-value]


ServiceGiven = NamedDependency[SkipValidation[Service]]
