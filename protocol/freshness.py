"""Which of two states is newer, and what is a repeat. Order comes from revisions, never from time.

A state is named by its *version*: (hub epoch, revision). The revision is the position in the hub's log of the last
event that changed the state; the epoch grows when the log itself was replaced (restored, failed over, begun anew).
A broker that was killed hands out retained states of yesterday, so a reader that takes whatever comes last is wrong.
"""

from protocol.codec import checked_integer
from protocol.errors import ProtocolError
from protocol.limits import EPOCH_MAX, REVISION_MAX

NOTHING = (0, 0)
"""The version of a reader that has not seen any state. Every real version is higher."""


def is_newer(version: tuple[int, int], shown: tuple[int, int]) -> bool:
    """Whether a state of `version` may replace what is shown. The same version is a repeat, not news."""
    return version > shown


def checked_version(value, where: str) -> tuple[int, int]:
    """`value`, a list of two whole numbers out of a message, as a version."""
    if type(value) is not list or len(value) != 2:
        raise ProtocolError(where, "must be [hub epoch, revision]")
    epoch = checked_integer(value[0], where, 0, EPOCH_MAX)
    return epoch, checked_integer(value[1], where, 0, REVISION_MAX)
