"""Certificates of a hub's own authority: for a broker, and for who may tell it what to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=730)
# Every start of the hub renews what would end before long; a broker reads it when it starts.
LEAST_LEFT = timedelta(days=180)
# Clocks of two machines differ.
BEFORE = timedelta(hours=1)

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Identity:
    """A private key, and the certificate that says whose it is."""

    key: Key
    certificate: x509.Certificate

    def pem(self) -> bytes:
        """Both, in one text, as Kafka and Python read it."""
        return _key_pem(self.key) + self.certificate.public_bytes(Encoding.PEM)

    def certificate_pem(self) -> bytes:
        """What everybody may know."""
        return self.certificate.public_bytes(Encoding.PEM)

    @classmethod
    def read(cls, pem: bytes) -> Identity:
        """What `pem` told; raises ValueError."""
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Key):
            raise ValueError("no key of an elliptic curve")  # noqa: TRY004  a file's content
        return cls(key, x509.load_pem_x509_certificate(pem))


def new_authority(now: datetime) -> Identity:
    """An authority that nobody knew before; it signs itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("rjhub authority")
    unsigned = (
        _certificate(key, name, name, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Identity(key, unsigned.sign(key, SHA256()))


def issued(authority: Identity, name: str, hosts: Collection[str], now: datetime) -> Identity:
    """A key and a certificate for `CN=<name>`, as a client and as a server at these hosts."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), authority.certificate.subject
    unsigned = (
        _certificate(key, _named(name), issuer, now, LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_PURPOSES), critical=False)
        .add_extension(_authority_key(authority), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_host(one) for one in hosts])
        unsigned = unsigned.add_extension(names, critical=False)
    return Identity(key, unsigned.sign(authority.key, SHA256()))


def still_good(one: Identity, authority: Identity, hosts: Collection[str], now: datetime) -> bool:
    """Whether it is of this authority, for these hosts, and does not end before long."""
    try:
        one.certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError):
        return False
    left = one.certificate.not_valid_after_utc - now
    return left > LEAST_LEFT and _hosts_of(one) == {_host(host) for host in hosts}


_PURPOSES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def _certificate(
    key: Key, name: x509.Name, issuer: x509.Name, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - BEFORE)
        .not_valid_after(now.astimezone(UTC) + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(authority: Identity) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _hosts_of(one: Identity) -> set[x509.GeneralName]:
    try:
        found = one.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return set(found.value)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
