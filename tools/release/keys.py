"""The key that releases are signed with. The private part belongs to whoever builds releases, never to the hub."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hub.adapters.release_file import EXPONENT, KEY_BITS, read_key
from hub.adapters.secret_file import write_private
from hub.ports import ReleaseError

PRIVATE, PUBLIC = "release.key", "release.pub"


def make_keys(folder: Path, passphrase: bytes) -> RSAPublicKey:
    """Makes both files in the folder; without a passphrase the private one is as secret as its file. Raises OSError,
    ReleaseError: a key that boards know is not made again."""
    if (folder / PRIVATE).exists() or (folder / PUBLIC).exists():
        raise ReleaseError(f"{folder} has a key already: boards that know it take nothing else")
    key = generate_private_key(EXPONENT, KEY_BITS)
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / PRIVATE, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    public = key.public_key()
    (folder / PUBLIC).write_bytes(pem(public))
    return public


def is_encrypted(file: Path) -> bool:
    """Whether the private key in the file has a passphrase. Raises OSError."""
    return b"ENCRYPTED" in file.read_bytes()


def load_private(file: Path, passphrase: bytes) -> RSAPrivateKey:
    """The private key in the file. Raises OSError, ReleaseError."""
    try:
        key = load_pem_private_key(file.read_bytes(), passphrase or None)
    except (ValueError, TypeError) as error:
        raise ReleaseError(f"{file} is no private key, or the passphrase is wrong") from error
    if not isinstance(key, RSAPrivateKey):
        raise ReleaseError(f"{file} must have an RSA key, as jiaohao release init makes it")
    read_key(pem(key.public_key()))
    return key


def sign(key: RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, PKCS1v15(), hashes.SHA256())


def pem(key: RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
