"""What kiosks and the hub say to each other."""

from protocol import codec, kiosk
from protocol.errors import ProtocolError
from protocol.kiosk import Draw, Offers, Ticket, Unprinted, encode_events, encode_offers, encode_ticket, entry
from protocol.limits import DOWN_BYTES
from protocol.upward import Events, Poison, read_events

NAMES = {"zh-Hans": "企业登记", "zh-Hant": "企業登記", "en": "Company registration"}


def refused(function, payload):
    try:
        function(payload)
    except ProtocolError as error:
        return error.where
    return None


def test_a_draw_is_read_as_it_was_on_the_wire_of_the_first_version():
    payload = b'{"epoch":77,"events":[[3,250,"draw","company","walk-in","en","4711",58]]}'
    assert read_events(payload) == Events(77, [Draw(3, 250, "company", "walk-in", "en", "4711", 58)])
    assert read_events(b'{"epoch":77,"events":[[3,-1,"unprinted"],[4,-1,"unprinted"]]}') == Events(
        77, [Unprinted(3, -1), Unprinted(4, -1)]
    )


def test_what_a_kiosk_says_is_read_by_the_hub():
    item = [3, 250, "draw", "", "walk-in", "zh-Hant", "12345678", 80]
    assert read_events(encode_events(7, [item])).presses == [Draw(3, 250, "", "walk-in", "zh-Hant", "12345678", 80)]


def test_a_draw_that_cannot_be_read_is_poison():
    good = [3, 250, "draw", "company", "walk-in", "en", "", 58]
    for place, bad in ((3, "A B"), (3, 7), (4, ""), (5, "fr"), (5, []), (6, "号"), (6, "1" * 40), (7, 57), (7, "58")):
        item = list(good)
        item[place] = bad
        [press] = read_events(codec.encode({"epoch": 7, "events": [item]})).presses
        assert type(press) is Poison and press.seq == 3, item
    for item in ([3, 250], [3, 250, "draw"], [3, "x", "unprinted"], [3, 250, ["draw"]]):
        [press] = read_events(codec.encode({"epoch": 7, "events": [item]})).presses
        assert type(press) is Poison, item


def test_a_ticket_goes_there_and_back_with_any_bytes_in_its_slip():
    for slip in (b"", bytes(range(256)), b"\n\n", b'{"id":[1,1]}\n'):
        ticket = Ticket((77, 3), "A012", ["企业登记", "前面3人"], slip)
        assert kiosk.read_ticket(encode_ticket(ticket)) == ticket


def test_a_ticket_is_checked():
    good = {"id": [77, 3], "number": "A012", "lines": ["a"]}
    for key, bad in (("id", None), ("id", [1]), ("number", "A" * 9), ("lines", ["a"] * 4), ("lines", [1])):
        assert refused(kiosk.read_ticket, codec.encode(dict(good, **{key: bad})) + b"\n") == key
    assert refused(kiosk.read_ticket, codec.encode(good)) == "ticket"
    assert refused(kiosk.read_ticket, codec.encode(good) + b"\n" + bytes(DOWN_BYTES)) == "ticket"


def test_offers_go_there_and_back():
    offers = Offers((5, 1_700_000_000), "east", {}, [entry("walk-in", "", NAMES)], [entry("company", "?", NAMES)])
    assert kiosk.read_offers(encode_offers(offers)) == offers
    closed = Offers((5, 7), "east", {"en": "Closed"}, [], [])
    assert kiosk.read_offers(encode_offers(closed)) == closed


def test_an_entry_has_names_that_are_lines_of_the_glass():
    assert entry("company", "?", NAMES) == "company|?|企业登记|企業登記|Company regist"
    assert entry("company", "", NAMES, "13:00") == "company||企业登记 13:00|企業登記 13:00|Company 13:00"
    same = {"zh-Hans": "普通", "zh-Hant": "普通", "en": "a|b"}
    assert entry("walk-in", "", same) == "walk-in||普通||a/b"


def test_offers_are_checked():
    good = {"v": [5, 7], "zone": "east", "closed": {}, "classes": ["a||b||"], "services": []}
    assert refused(kiosk.read_offers, codec.encode(good)) is None
    for key, bad in (("v", 1), ("zone", "A"), ("closed", []), ("classes", ["a|b"]), ("services", ["a||b||"] * 25)):
        assert refused(kiosk.read_offers, codec.encode(dict(good, **{key: bad}))) == key
    assert refused(kiosk.read_offers, codec.encode(dict(good, services=["a|||" + "x" * 200 + "|"]))) == "services"


def test_the_topic():
    assert kiosk.offers_topic("h", "east") == "q1/h/kiosk/east/offers"
