"""The one thing that can go wrong when reading a message: it does not say what the protocol allows."""


class ProtocolError(Exception):
    """A message that cannot be read: `where` names the field, `reason` says what would be right.

    The hub puts such a message into quarantine and goes on; a device ignores it and counts it.
    """

    def __init__(self, where, reason):
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
