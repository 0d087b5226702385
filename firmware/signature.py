"""Signatures of releases: RSA-3072, PKCS #1 v1.5 with SHA-256 (RFC 8017, 8.2.2). Only a board that updates loads it.

The whole padded block is made anew and compared, as the RFC says: who only looks for the digest in it can be fooled
(Bleichenbacher, 2006). Nothing here is secret, so the time that it takes tells nobody anything.
"""

from hashlib import sha256

from protocol.update import SIGNATURE_BYTES

EXPONENT = 65537

PREFIX = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
"""DER of a DigestInfo with SHA-256, up to the 32 bytes of the digest (RFC 8017, 9.2, note 1)."""


def is_signed(message, signature: bytes, key: bytes) -> bool:
    """Whether `signature` is that of `message`. `key` is the modulus of the public key, 384 bytes, highest first."""
    if len(signature) != SIGNATURE_BYTES or len(key) != SIGNATURE_BYTES or not key[0] & 0x80:
        return False
    modulus, number = int.from_bytes(key, "big"), int.from_bytes(signature, "big")
    if number >= modulus:
        return False
    found = pow(number, EXPONENT, modulus).to_bytes(SIGNATURE_BYTES, "big")
    filled = b"\xff" * (SIGNATURE_BYTES - 3 - len(PREFIX) - 32)
    return found == b"\x00\x01" + filled + b"\x00" + PREFIX + sha256(message).digest()
