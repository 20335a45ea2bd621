"""A posted form as plain text fields; what is not text, or comes twice, is refused here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from openclets.foundation.errors import BadInput, Fault, Refused
from openclets.web import cross_site
from openclets.web.counter import Session

PageRequest = Request[Any, Any, Any]

FIELDS_MAX = 80
BODY_BYTES_MAX = 256 * 1024


async def read_form(request: PageRequest) -> dict[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body, after the check of where it came from.

    Raises Refused(CROSS_SITE | MEDIA_TYPE), BadInput(ENCODING_INVALID | INPUT_INVALID).
    """
    cross_site.check_origin(request.headers)
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Refused("MEDIA_TYPE", "This address takes a form.")
    return parse_form(await request.body())


async def read_session_form(request: PageRequest, session: Session) -> dict[str, str]:
    """As `read_form`, for a form that must carry the session's token."""
    form = await read_form(request)
    cross_site.check_form_token(form, session)
    return form


def parse_form(body: bytes) -> dict[str, str]:
    """Names to values, in order. Raises BadInput for broken UTF-8, a field given twice, too many fields."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except UnicodeDecodeError:
        fault = Fault("form", "the text is not valid UTF-8", "Type it again.", "ENCODING_INVALID")
        raise BadInput((fault,), "ENCODING_INVALID") from None
    except ValueError:
        remedy = f"Send at most {FIELDS_MAX}."
        fault = Fault("form", "the form has too many fields", remedy, "FIELDS_TOO_MANY")
        raise BadInput((fault,)) from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise BadInput((Fault(name, "the field came twice", "Send it once.", "FIELD_DUPLICATE"),))
        fields[name] = value
    return fields
