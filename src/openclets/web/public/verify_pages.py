"""`/verify`: paste a receipt or a proof, or open a proof file; the answer is a sentence, then the maths."""

from __future__ import annotations

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Response

from openclets.foundation.errors import Refused
from openclets.web import cross_site, pages
from openclets.web.counter import ReceiptCheck
from openclets.web.form_body import PageRequest, read_form
from openclets.web.public.proof_words import proof_words
from openclets.web.site import Site, SiteGiven


@get("/verify", include_in_schema=False)
async def verify_page(request: PageRequest, site: SiteGiven) -> Response[str]:
    """The form; with `?receipt=` the check of that receipt too, so that a receipt is a link."""
    receipt = request.query_params.get("receipt", "").strip()
    check = await site.counter.check_receipt(receipt) if receipt else None
    return _show(site, request, receipt, check)


@get("/verify/proof/{index:int}", include_in_schema=False)
async def proof_file(site: SiteGiven, index: FromPath[int]) -> Response[str] | Redirect:
    """The proof of one entry as a file to keep. It opens nothing: it shows only that the entry is there."""
    text = await site.counter.proof_text(index)
    if text is None:
        return pages.see_other(f"/verify?receipt={index}")
    headers = {"Content-Disposition": f'attachment; filename="entry-{index}.tlog-proof"'}
    return Response(text, media_type="text/plain", headers=headers)


@post("/verify", include_in_schema=False, status_code=200)
async def verify(request: PageRequest, site: SiteGiven) -> Response[str]:
    """Check what was pasted, or the file that was opened."""
    text = await _pasted(request)
    check = await site.counter.check_receipt(text) if text else None
    return _show(site, request, text, check, empty=not text)


async def _pasted(request: PageRequest) -> str:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return (await read_form(request)).get("receipt", "").strip()
    cross_site.check_origin(request.headers)
    form = await request.form()
    opened = form.get("file")
    if isinstance(opened, UploadFile) and opened.filename:
        try:
            return (await opened.read()).decode().strip()
        except UnicodeDecodeError:
            raise Refused("ENCODING_INVALID", "The file is not text.") from None
    pasted = form.get("receipt", "")
    return pasted.strip() if isinstance(pasted, str) else ""


def _show(
    site: Site, request: PageRequest, text: str, check: ReceiptCheck | None, *, empty: bool = False
) -> Response[str]:
    return pages.respond(
        site,
        request,
        "public/verify.html",
        title="Check a receipt or a proof" if check is None else proof_words(check).word,
        here="/verify",
        text=text,
        check=check,
        words=proof_words(check) if check else None,
        empty=empty,
    )
