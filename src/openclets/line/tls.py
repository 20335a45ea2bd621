"""TLS of the line protocol: version 1.3 alone, certificates on both sides."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Final

from openclets.foundation.errors import BadInput, Fault

HANDSHAKE_S: Final = 10.0


def listener_context(certificate: Path, key: Path, client_authority: Path) -> ssl.SSLContext:
    """For the listener: `client_authority` holds the certificates (PEM) that sign lines' certificates.

    Raises BadInput naming the file that cannot be taken.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.verify_mode = ssl.CERT_REQUIRED
    # A resumed session would show no certificate of its own; each connection shows its own.
    context.num_tickets = 0
    _load(context, certificate, key, client_authority)
    return context


def line_context(certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    """For a line: `authority` signs the listener's certificate. Raises as `listener_context`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    _load(context, certificate, key, authority)
    return context


def fingerprint_of(der: bytes) -> bytes:
    """What a certificate is enrolled by: SHA-256 over its DER form."""
    return hashlib.sha256(der).digest()


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_COMPRESSION


def _load(context: ssl.SSLContext, certificate: Path, key: Path, authority: Path) -> None:
    faults = []
    for name, path in (("certificate", certificate), ("key", key), ("authority", authority)):
        if not path.is_file():
            remedy = "name a PEM file; `openclets line certificate` makes one for training"
            faults.append(Fault(name, f"{path} is not there", remedy, "LINE_CERTIFICATE"))
    if faults:
        raise BadInput(tuple(faults), "LINE_CERTIFICATE")
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as wrong:
        remedy = "give a PEM certificate and the private key that belongs to it"
        raise BadInput(
            (Fault("certificate", f"{certificate}, {key}: {_said(wrong)}", remedy, "LINE_CERTIFICATE"),),
            "LINE_CERTIFICATE",
        ) from wrong
    try:
        context.load_verify_locations(authority)
    except (ssl.SSLError, OSError) as wrong:
        fault = Fault(
            "authority", f"{authority}: {_said(wrong)}", "give PEM certificates", "LINE_CERTIFICATE"
        )
        raise BadInput((fault,), "LINE_CERTIFICATE") from wrong


def _said(wrong: Exception) -> str:
    return str(getattr(wrong, "reason", None) or wrong).lower().replace("_", " ")
