"""What the wire may carry: bytes are capped before parsing, types and ranges checked after it."""

from protocol import codec
from protocol.errors import ProtocolError


def refusal(function, *arguments):
    """The field that the reader complains about, or None when it accepts."""
    try:
        function(*arguments)
    except ProtocolError as error:
        return error.where
    return None


def test_an_object_survives_the_way_there_and_back():
    value = {"a": [1, "é", "号", None, True], "b": {"c": -5}}
    assert codec.decode(codec.encode(value), 100) == value


def test_it_is_compact():
    assert codec.encode([1, 2]) == b"[1,2]"


def test_more_bytes_than_allowed_are_not_even_parsed():
    assert refusal(codec.decode, b"{" * 11, 10) == "payload"
    assert codec.decode(b'{"a": 12 }', 10) == {"a": 12}


def test_only_an_object_will_do():
    for payload in (b"[]", b"1", b'"a"', b"null", b"true"):
        assert refusal(codec.decode, payload, 100) == "payload", payload


def test_what_is_not_json_is_refused():
    for payload in (b"", b"{", b"hello", b"\xff\xfe{}", b'{"a":"\xff"}'):
        assert refusal(codec.decode, payload, 100) == "payload", payload


def test_deep_nesting_is_refused_or_kept_out_by_types():
    for payload in (b'{"a":' * 300 + b"1" + b"}" * 300, b'{"a":' + b"[" * 1900 + b"]" * 1900 + b"}"):
        try:
            value = codec.decode(payload, 4096)
        except ProtocolError:
            continue
        assert refusal(codec.integer, value, "a", 0, 9) == "a"


def test_a_number_is_whole_and_within_its_limits():
    for value in (-1, 11, 5.0, 1.5, True, False, "5", None, [5], 2**70):
        assert refusal(codec.integer, {"n": value}, "n", 0, 10) == "n", value
    assert codec.integer({"n": 0}, "n", 0, 10) == 0
    assert codec.integer({"n": 10}, "n", 0, 10) == 10


def test_a_missing_number_is_refused():
    assert refusal(codec.integer, {}, "n", 0, 10) == "n"


def test_a_float_on_the_wire_is_no_number():
    assert refusal(codec.integer, codec.decode(b'{"n":5.0}', 100), "n", 0, 10) == "n"
    assert refusal(codec.integer, codec.decode(b'{"n":1e1}', 100), "n", 0, 10) == "n"


def test_text_has_a_length_in_characters():
    assert codec.text({"t": "号" * 4}, "t", 4) == "号号号号"
    assert refusal(codec.text, {"t": "号" * 5}, "t", 4) == "t"
    assert codec.text({}, "t", 4) == ""


def test_text_has_no_control_characters():
    for character in ("\n", "\0", "\x1b", "\x7f", "\t"):
        assert refusal(codec.text, {"t": "a" + character}, "t", 4) == "t"


def test_text_is_text():
    for value in (1, None, [], {}, True):
        assert refusal(codec.text, {"t": value}, "t", 4) == "t", value


def test_a_choice_is_one_of_a_few():
    assert codec.choice({"c": "a"}, "c", ("a", "b")) == "a"
    for value in ("c", "", None, 1, ["a"]):
        assert refusal(codec.choice, {"c": value}, "c", ("a", "b")) == "c", value


def test_a_list_has_a_length():
    assert codec.items({"l": [1, 2]}, "l", 2) == [1, 2]
    assert codec.items({}, "l", 2) == []
    for value in ([1, 2, 3], "ab", {}, None, 5):
        assert refusal(codec.items, {"l": value}, "l", 2) == "l", value


def test_of_a_key_twice_one_value_counts_and_is_checked():
    value = codec.decode(b'{"n":1,"n":99}', 100)
    assert value["n"] in (1, 99)
    assert refusal(codec.decode, b'{"n":1,"n":99', 100) == "payload"


def test_an_error_says_where_and_what_would_be_right():
    try:
        codec.integer({"n": 11}, "n", 0, 10)
    except ProtocolError as error:
        assert str(error) == "n: must be a whole number from 0 to 10"
        assert error.reason == "must be a whole number from 0 to 10"
