"""A small certificate authority of the hall's own: what boards, browsers and the hub trust, kept in the folder `tls`.

    ca.key      the authority's key; who has it can pass for the hub
    ca.pem      its certificate; with an authority before it, both: what clients on a PC trust
    ca.der      its certificate alone, as boards want it
    broker.pem  the broker's key, certificate and chain, in one file: they are replaced in one step and never mismatch
    pages.pem   the same for the pages

All keys are EC P-256, which a board checks fastest. The authority is good for LIFE_YEARS, a certificate for a year from
the day that it is made, and a hub renews it when less than RENEW_DAYS are left.

A board's clock can lag by as long as it lay on a shelf, so the certificate that boards see is good from NOT_BEFORE on,
and not from the day that it was made. That costs nothing: an old date keeps nobody out. Browsers refuse certificates
that span more than two years, so the pages have one of their own.

When the authority is replaced, the old one signs the new one too (`ca-cross.pem`), and servers show that signature:
boards that know the old one only and boards that know the new one only accept the same certificate. The signatures of
replacements before are shown as well, so it is no matter how many of them a board has missed, up to OVERLAP.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.adapters.secret_file import leave_to_owner, write_private

LIFE_YEARS = 25
"""Longer than a board lives: replacing the authority means touching every board."""

SERVER_DAYS = 365
RENEW_DAYS = 60
"""Two months in which a hub that is off, or cannot write, does no harm."""

OVERLAP = 5
"""Authorities before the present one that are still trusted: a board's TLS goes eight steps at most, and has to keep
all certificates in its memory."""

NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
"""Before any board was made; see above."""

SLACK = timedelta(days=1)
"""How far the clock of a browser's machine may lag."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Names under which the hub itself finds its broker; every certificate has them."""

Key = ec.EllipticCurvePrivateKey


class CaError(Exception):
    """The authority cannot be used or made. The text says what, where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of the folder `tls` in a data folder."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "ca.key"

    @property
    def trusted(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def for_boards(self) -> Path:
        return self.folder / "ca.der"

    @property
    def cross(self) -> Path:
        return self.folder / "ca-cross.pem"

    @property
    def broker(self) -> Path:
        return self.folder / "broker.pem"

    @property
    def pages(self) -> Path:
        return self.folder / "pages.pem"


def files_of(data: Path) -> Files:
    """Where the authority of a data folder is kept."""
    return Files(data.resolve() / "tls")


def exists(data: Path) -> bool:
    """Whether `init` has been done there. Raises CaError for a folder that cannot be looked into."""
    key = files_of(data).key
    try:
        return key.exists()
    except OSError as error:
        raise CaError(f"cannot read {key}: {error.strerror}; the folder must belong to the hub's user") from error


class Authority:
    """The authority of one hall. `now` is the time of every decision."""

    def __init__(self, files: Files, key: Key, certificate: x509.Certificate):
        self.files = files
        self._key = key
        self.certificate = certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as people compare it."""
        return ":".join(f"{byte:02X}" for byte in self.certificate.fingerprint(hashes.SHA256()))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names and addresses that the broker's certificate has, in their order; loopback is last. Raises CaError."""
        return hosts_of(_certificate(self.files.broker))

    def days_left(self, now: datetime) -> int:
        """Days until the first of the server certificates is out; none while one of them is not good yet, because the
        clock was ahead when it was made. Raises CaError."""
        shown = [_certificate(file) for file in (self.files.broker, self.files.pages)]
        if any(certificate.not_valid_before_utc > now for certificate in shown):
            return 0
        return (min(certificate.not_valid_after_utc for certificate in shown) - now).days

    def renew(self, hosts: Sequence[str], now: datetime) -> None:
        """New keys and certificates for broker and pages. Raises CaError."""
        if now < NOT_BEFORE:
            raise CaError(f"the machine's clock shows {now:%Y-%m-%d}: set it first")
        cross = self._crossed()
        for file, not_before in ((self.files.broker, NOT_BEFORE), (self.files.pages, now - SLACK)):
            key, certificate = self._issue(hosts, not_before, now)
            _write(file, _private(key) + _pem(certificate) + cross)

    def _crossed(self) -> bytes:
        """How older authorities signed younger ones, from this one back; nothing of a replacement that was cut short.
        Raises CaError."""
        signed = {}
        if self.files.cross.exists():
            signed = {certificate.subject: certificate for certificate in _certificates(self.files.cross)}
        chain, subject = [], self.certificate.subject
        while subject in signed and len(chain) < OVERLAP:
            chain.append(signed[subject])
            subject = signed[subject].issuer
        return b"".join(map(_pem, chain))

    def _issue(self, hosts: Sequence[str], not_before: datetime, now: datetime) -> tuple[Key, x509.Certificate]:
        key = _new_key()
        names = [_general_name(host) for host in dict.fromkeys([*hosts, *LOOPBACK])]
        not_after = min(now + timedelta(days=SERVER_DAYS), self.certificate.not_valid_after_utc)
        builder = (
            _builder(_named(hosts[0]), self.certificate.subject, key, not_before, not_after)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        return key, self._signed_by(builder).sign(self._key, hashes.SHA256())

    def _signed_by(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        """Names our key, without which strict clients (Python from 3.13 on) do not go on to it."""
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(ours, critical=False)

    def replace(self, now: datetime) -> Authority:
        """A new authority, which the old one has signed too, so that both are trusted. Raises CaError."""
        hosts = self.hosts
        key, certificate = _make(now)
        until = self.certificate.not_valid_after_utc
        builder = _builder(certificate.subject, self.certificate.subject, key, NOT_BEFORE, until)
        builder = self._signed_by(_as_authority(builder, key))
        # The chain first, then the key: until then everything is as it was, whenever the power goes. What boards get
        # last, so that nobody has an authority whose key is lost.
        _write(self.files.cross, _pem(builder.sign(self._key, hashes.SHA256())) + self._crossed())
        new = Authority(self.files, key, certificate)
        new.renew(hosts, now)
        _write(self.files.trusted, _pem(certificate) + _pem(self.certificate))
        _write(self.files.key, _private(key) + _pem(certificate))
        _write(self.files.for_boards, certificate.public_bytes(serialization.Encoding.DER))
        return new


def init(data: Path, hosts: Sequence[str], now: datetime) -> Authority:
    """Makes the authority and the first certificates. Raises CaError when there is one already."""
    files = files_of(data)
    if files.key.exists():
        raise CaError(f"there is an authority in {files.folder} already: renew its certificates with broker renew")
    if files.for_boards.exists():
        raise CaError(
            f"{files.key} is not there, but its certificate is: restore it from a backup. A new authority would lock "
            f"out every board that is flashed; if there are none, delete {files.folder} first"
        )
    if not hosts:
        raise CaError("give at least one name or address by which boards and browsers find this machine: --host")
    try:
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        leave_to_owner(files.folder)
    except OSError as error:
        raise CaError(f"cannot write {files.folder}: {error.strerror}; it must be writable") from error
    key, certificate = _make(now)
    authority = Authority(files, key, certificate)
    authority.renew(hosts, now)
    _write(files.trusted, _pem(certificate))
    _write(files.for_boards, certificate.public_bytes(serialization.Encoding.DER))
    _write(files.key, _private(key) + _pem(certificate))
    return authority


def load(data: Path) -> Authority:
    """The authority of a data folder. Raises CaError."""
    files = files_of(data)
    try:
        raw = files.key.read_bytes()
        key = serialization.load_pem_private_key(raw, password=None)
        certificate = x509.load_pem_x509_certificate(raw)
    except FileNotFoundError as error:
        raise CaError(f"there is no {files.key}: make one with jiaohao broker init --data {data}") from error
    except (OSError, ValueError) as error:
        raise CaError(f"cannot read {files.key} ({error}): restore the folder from a backup") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CaError(f"{files.key} has no EC key: restore the folder from a backup")
    return Authority(files, key, certificate)


def renew_if_due(data: Path, now: datetime) -> bool:
    """Renews the certificates that servers show if their time is nearly over; whether it did. Raises CaError."""
    authority = load(data)
    if authority.days_left(now) >= RENEW_DAYS:
        return False
    authority.renew(authority.hosts, now)
    return True


def server_context(file: Path) -> ssl.SSLContext:
    """What a server needs to show the certificate in `file`, from TLS 1.2 on. Raises CaError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificate(context, file)
    return context


def load_certificate(context: ssl.SSLContext, file: Path) -> None:
    """Has a server show the certificate in `file` from its next connection on. Raises CaError."""
    try:
        context.load_cert_chain(file)
    except OSError as error:
        raise CaError(f"cannot use the certificate {file} ({error}): make one with jiaohao broker renew") from error


def client_context(trusted: Path | str | None) -> ssl.SSLContext:
    """What a client needs that trusts the authorities in `trusted` (PEM) only; None: those of the system. It checks
    certificate and name, from TLS 1.2 on. Raises OSError, with ssl.SSLError for a file that holds none."""
    context = ssl.create_default_context(cafile=trusted)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Names and addresses that a certificate is for, in their order."""
    with contextlib.suppress(x509.ExtensionNotFound):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return tuple(str(name.value) for name in found if isinstance(name, x509.DNSName | x509.IPAddress))
    return ()


def _certificate(file: Path) -> x509.Certificate:
    """The first certificate in a PEM file. Raises CaError."""
    return _certificates(file)[0]


def _certificates(file: Path) -> list[x509.Certificate]:
    """All certificates in a PEM file, which has one at least. Raises CaError."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        words = "restore it from a backup, or make it anew with jiaohao broker renew --host NAME_OR_ADDRESS"
        raise CaError(f"cannot read {file} ({error}): {words}") from error


def _make(now: datetime) -> tuple[Key, x509.Certificate]:
    key = _new_key()
    # Two authorities of one hall must have different names: clients look for the issuer by its name.
    name = _named(f"jiaohao hall authority {now:%Y-%m-%d} {os.urandom(4).hex()}")
    not_after = now.replace(month=1, day=1) + timedelta(days=LIFE_YEARS * 365.25 + 366)
    return key, _as_authority(_builder(name, name, key, NOT_BEFORE, not_after), key).sign(key, hashes.SHA256())


def _as_authority(builder: x509.CertificateBuilder, key: Key) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )


def _new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _general_name(host: str) -> x509.GeneralName:
    """Raises CaError for what is no name."""
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    if not host or len(host) > 253 or not all(c.isascii() and (c.isalnum() or c in "-.") for c in host):
        raise CaError(f"{host!r} is no host name: write a name such as hall.example or an address such as 192.0.2.7")
    return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: Key) -> bytes:
    encryption = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _write(file: Path, content: bytes) -> None:
    try:
        write_private(file, content)
    except OSError as error:
        raise CaError(f"cannot write {file}: {error.strerror}; it must be writable") from error
