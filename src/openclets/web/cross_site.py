"""Forms are taken only from our own pages: where the request came from, and the token of the session's forms.

Three fences (security.md 4.3): the session cookie is SameSite=Strict; the browser says where a form came from
(Sec-Fetch-Site, else Origin, else Referer); and each form of a session carries that session's token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from openclets.foundation.errors import Refused
from openclets.web.counter import Session


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse a request that a browser says another site caused. `headers` have lower-case names.

    A client that sends none of the three headers is no browser of this decade, and nobody rides on its
    cookies.
    Raises Refused(CROSS_SITE).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise _cross_site()
        return
    source = headers.get("origin") or headers.get("referer")
    if source is not None and urlsplit(source).netloc != headers.get("host", ""):
        raise _cross_site()


def check_form_token(form: Mapping[str, str], session: Session) -> None:
    """Refuse a form that does not carry the session's own token. Raises Refused(CROSS_SITE)."""
    if not hmac.compare_digest(form.get("form_token", "").encode(), session.form_token.encode()):
        raise _cross_site()


def _cross_site() -> Refused:
    return Refused("CROSS_SITE", "This form came from another site, or from a log-in that has ended.")
