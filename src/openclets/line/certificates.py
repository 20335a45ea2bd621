"""A private authority and certificates under it: for the demo, for training and for trying the protocol out.

No production use: the authority's key lies unencrypted beside what it signed, nothing revokes, and nobody has
checked who asks. An agency's certificate comes from an authority that the network has agreed on.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openclets.foundation.errors import BadInput, Fault
from openclets.foundation.secrets_folder import write_private
from openclets.line.tls import fingerprint_of

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 365
BACKDATED = timedelta(minutes=5)
"""Clocks differ: a certificate is valid a little before it was made."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where a certificate and its key lie, both PEM, and its fingerprint (hexadecimal)."""

    certificate: Path
    key: Path
    fingerprint: str


def training_authority(folder: Path, now: datetime) -> Path:
    """The authority's certificate in `folder`; made with its key where absent."""
    certificate, key = folder / "authority.pem", folder / "authority.key"
    if certificate.exists() and key.exists():
        return certificate
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    name = _name("openclets training authority")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(key, _pem_of(private))
    _write(certificate, made.public_bytes(serialization.Encoding.PEM).decode())
    return certificate


def training_certificate(
    folder: Path, name: str, now: datetime, *, hosts: tuple[str, ...] = ()
) -> CertificateFiles:
    """A certificate of the training authority in `folder` for a line called `name`, or, with `hosts`, for a
    listener at these names and addresses. One that is there and holds for a month more is given again.
    """
    authority = training_authority(folder, now)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    if certificate.exists() and key.exists():
        kept = x509.load_pem_x509_certificate(certificate.read_bytes())
        if kept.not_valid_after_utc > now + timedelta(days=30):
            return CertificateFiles(certificate, key, fingerprint_in(certificate))
    issuer = x509.load_pem_x509_certificate(authority.read_bytes())
    issuer_key = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey), "the authority's key is ours"
    private = ec.generate_private_key(ec.SECP256R1())
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer.subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False
        )
    made = builder.sign(issuer_key, hashes.SHA256())
    _write(key, _pem_of(private))
    _write(certificate, made.public_bytes(serialization.Encoding.PEM).decode())
    return CertificateFiles(certificate, key, fingerprint_in(certificate))


def fingerprint_in(path: Path) -> str:
    """The fingerprint of the certificate in a PEM file. Raises BadInput where there is none."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as wrong:
        fault = Fault("certificate", f"{path} holds no PEM certificate", "name one", "LINE_CERTIFICATE")
        raise BadInput((fault,), "LINE_CERTIFICATE") from wrong
    return fingerprint_of(certificate.public_bytes(serialization.Encoding.DER)).hex()


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "openclets training"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_of(private: ec.EllipticCurvePrivateKey) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, text)
