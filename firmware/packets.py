"""The packets of MQTT 3.1.1 that a device needs, as bytes. Pure: no socket, no clock.

Numbers in comments are sections of the OASIS standard "MQTT Version 3.1.1".
"""

from collections import namedtuple

CONNECT = 0x10
CONNACK = 0x20
PUBLISH = 0x30
PUBACK = 0x40
SUBSCRIBE = 0x82  # the low bits must be 0010 (3.8.1)
SUBACK = 0x90
PINGREQ = b"\xc0\x00"
PINGRESP = 0xD0

DUP = 0x08
RETAIN = 0x01

REFUSED = 0x80
"""A SUBACK code from here on says that the subscription was refused (3.9.3)."""


class MqttError(Exception):
    """The broker refused us, fell silent or broke the protocol; the text says which."""


class Will(namedtuple("Will", ("topic", "payload"))):
    """What the broker publishes, retained and at QoS 1, when the device falls silent."""


def _text(value) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return len(data).to_bytes(2, "big") + data


def _length(size: int) -> bytes:
    """The 'remaining length': seven bits a byte, lowest first (2.2.3)."""
    digits = bytearray()
    while size > 127:
        digits.append(size & 127 | 128)
        size >>= 7
    digits.append(size)
    return bytes(digits)


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _length(len(body)) + body


def connect(client_id: str, user: str, password: str, keepalive_s: int, will: Will | None) -> bytes:
    """CONNECT with a clean session (3.1). An empty user means an anonymous connection."""
    flags = 0x02
    parts = [_text(client_id)]
    if will:
        flags |= 0x04 | 0x08 | 0x20  # will, at QoS 1, retained
        parts += [_text(will.topic), _text(will.payload)]
    if user:
        flags |= 0xC0
        parts += [_text(user), _text(password)]
    head = _text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big")
    return _packet(CONNECT, head + b"".join(parts))


def publish(topic: str, payload: bytes, qos: int, retain: bool, packet_id: int) -> bytes:
    """PUBLISH at QoS 0, or at QoS 1 with `packet_id` (3.3)."""
    identity = packet_id.to_bytes(2, "big") if qos else b""
    return _packet(PUBLISH | qos << 1 | (RETAIN if retain else 0), _text(topic) + identity + payload)


def again(packet: bytes) -> bytes:
    """The PUBLISH `packet` marked as sent before."""
    return bytes((packet[0] | DUP,)) + packet[1:]


def puback(packet_id: bytes) -> bytes:
    return _packet(PUBACK, packet_id)


def subscribe(packet_id: int, topics: list[tuple[str, int]]) -> bytes:
    """SUBSCRIBE to (topic, highest QoS wanted) pairs (3.8)."""
    wishes = [_text(topic) + bytes((qos,)) for topic, qos in topics]
    return _packet(SUBSCRIBE, packet_id.to_bytes(2, "big") + b"".join(wishes))


def qos_of(first: int) -> int:
    """The QoS of a PUBLISH, from its first byte. Raises MqttError for 2, which we never subscribe to, and 3."""
    qos = first >> 1 & 3
    if qos > 1:
        raise MqttError(f"the broker sent QoS {qos}")
    return qos


def parse_publish(first: int, body: bytes) -> tuple[str, bytes, bytes]:
    """(topic, packet id or b"" at QoS 0, payload) of a PUBLISH."""
    start = 2 + int.from_bytes(body[:2], "big")
    end = start + (2 if qos_of(first) else 0)
    if len(body) < max(2, end):
        raise MqttError("the broker sent a cut PUBLISH")
    try:
        topic = str(body[2:start], "utf-8")
    except UnicodeError:
        raise MqttError("the broker sent a topic that is not UTF-8")
    return topic, body[start:end], body[end:]
