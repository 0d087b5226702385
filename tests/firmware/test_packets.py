"""MQTT packets, byte for byte, against the examples of the standard."""

from firmware import packets
from firmware.packets import MqttError, Will


def refused(function, *arguments):
    try:
        function(*arguments)
    except MqttError:
        return True
    return False


def test_connect_without_user_or_will():
    assert packets.connect("c", "", "", 10, None) == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01c"


def test_connect_with_will_user_and_password():
    packet = packets.connect("c", "u", "p", 10, Will("t", b"x"))
    assert packet == b"\x10\x19\x00\x04MQTT\x04\xee\x00\x0a\x00\x01c\x00\x01t\x00\x01x\x00\x01u\x00\x01p"


def test_publish():
    assert packets.publish("a", b"xy", 0, False, 0) == b"\x30\x05\x00\x01axy"
    assert packets.publish("a", b"xy", 1, True, 258) == b"\x33\x07\x00\x01a\x01\x02xy"


def test_a_packet_sent_again_differs_in_one_bit():
    packet = packets.publish("a", b"xy", 1, False, 1)
    assert packets.again(packet) == b"\x3a" + packet[1:]


def test_the_length_takes_one_byte_for_each_seven_bits():
    # The standard's own boundaries, 2.2.3.
    for size, length in ((127, b"\x7f"), (128, b"\x80\x01"), (16_383, b"\xff\x7f"), (16_384, b"\x80\x80\x01")):
        assert packets.publish("", b"x" * (size - 2), 0, False, 0)[1 : 1 + len(length)] == length


def test_subscribe():
    assert packets.subscribe(5, [("a", 0), ("bc", 1)]) == b"\x82\x0b\x00\x05\x00\x01a\x00\x00\x02bc\x01"


def test_a_publish_is_read():
    assert packets.parse_publish(0x30, b"\x00\x01axy") == ("a", b"", b"xy")
    assert packets.parse_publish(0x32, b"\x00\x01a\x01\x02xy") == ("a", b"\x01\x02", b"xy")
    assert packets.parse_publish(0x30, "\0\3号xy".encode()) == ("号", b"", b"xy")


def test_a_cut_publish_is_refused():
    for first, body in ((0x30, b""), (0x30, b"\x00"), (0x30, b"\x00\x05abc"), (0x32, b"\x00\x01a\x01")):
        assert refused(packets.parse_publish, first, body), body


def test_a_topic_that_is_not_utf8_is_refused():
    assert refused(packets.parse_publish, 0x30, b"\x00\x02\xff\xfe")


def test_qos_2_is_never_asked_for():
    assert refused(packets.parse_publish, 0x34, b"\x00\x01a\x00\x01x")
