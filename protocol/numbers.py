"""Ticket numbers as people see and hear them: a prefix of capital letters and digits padded with zeros, `A012`."""

from protocol.errors import ProtocolError

PREFIX_CHARS = 3


def checked_prefix(value) -> str:
    """`value` if it can start a ticket number: up to 3 of A-Z. The empty prefix is allowed."""
    if type(value) is not str or len(value) > PREFIX_CHARS:
        raise ProtocolError("prefix", f"must be at most {PREFIX_CHARS} letters")
    for letter in value:
        if not "A" <= letter <= "Z":
            raise ProtocolError("prefix", "may have A-Z only")
    return value


def format_number(prefix: str, count: int, width: int) -> str:
    """The number `count` of the service with `prefix`, padded with zeros to `width` digits."""
    digits = str(count)
    return prefix + "0" * (width - len(digits)) + digits
