"""The board's time: never before the firmware was made, told by the hub, and saved only when it let the board in."""

from firmware import clock as module
from firmware.clock import DAY_S, Clock
from protocol.errors import ProtocolError
from protocol.hub_time import HubTime, encode
from tests.firmware.fakes import Clock as Uptime
from tests.firmware.fakes import Folder, run

BUILT_S = 1_790_000_000
NOW_S = BUILT_S + 40 * DAY_S
YEARS_10 = 3650 * DAY_S


class Board:
    """A clock, and what it set the board's own to."""

    def __init__(self, folder, uptime_ms=0):
        self.uptime = Uptime(uptime_ms)
        self.set_to = []
        self.clock = Clock(folder, self.set_to.append, self.uptime, BUILT_S)

    def attempt(self):
        async def nobody(settings):
            return None, None

        before, module.dial = module.dial, nobody
        try:
            run(self.clock.dial(None))
        finally:
            module.dial = before

    def told(self, s):
        self.clock.hear(encode(HubTime(s, -1)))


def test_at_start_it_is_the_day_of_the_firmware_whatever_the_board_shows():
    with Folder("clock") as folder:
        board = Board(folder, 5000)
        assert board.set_to == [BUILT_S] and board.clock.now_s() == BUILT_S
        board.uptime.now_ms += 90_000
        assert board.clock.now_s() == BUILT_S + 90


def test_a_spoiled_file_is_the_first_start():
    with Folder("clock") as folder:
        with open(folder + "/clock", "w") as file:
            file.write("yesterday")
        assert Board(folder).set_to == [BUILT_S]


def test_the_hubs_time_is_taken_over_and_never_goes_back_before_the_firmware():
    with Folder("clock") as folder:
        board = Board(folder)
        board.attempt()
        board.told(NOW_S)
        assert board.set_to[-1] == NOW_S
        board.told(NOW_S + 1)
        assert board.set_to[-1] == NOW_S, "a difference of a second is none"
        board.told(NOW_S - 3600)
        assert board.set_to[-1] == NOW_S - 3600
        board.told(946_684_800)
        assert board.set_to[-1] == BUILT_S


def test_a_time_is_saved_when_it_has_let_the_board_in_and_once_a_day():
    with Folder("clock") as folder:
        board = Board(folder)
        board.attempt()
        board.told(NOW_S)
        assert Board(folder).set_to == [BUILT_S], "nobody knows yet whether this time is good for a connection"
        board.attempt()
        board.told(NOW_S + 60)
        assert Board(folder).set_to == [NOW_S + 60]
        board.uptime.now_ms += 3600_000
        board.told(NOW_S + 3660)
        assert Board(folder).set_to == [NOW_S + 60]
        board.uptime.now_ms += DAY_S * 1000
        board.told(NOW_S + 3660 + DAY_S)
        assert Board(folder).set_to == [NOW_S + 3660 + DAY_S]


def test_a_hub_with_a_wrong_clock_does_not_lock_its_boards_out():
    with Folder("clock") as folder:
        board = Board(folder)
        board.attempt()
        board.told(NOW_S + YEARS_10)
        board.attempt()  # in vain: the certificate is over by then, so nothing is told
        assert board.set_to[-1] == NOW_S + YEARS_10
        board.attempt()
        assert board.set_to[-1] == BUILT_S
        assert Board(folder).set_to == [BUILT_S]


def test_it_hears_the_hub_through_the_boards_client_and_leaves_the_rest_alone():
    heard = []

    class Client:
        topics = [("a", 0)]
        dial = None

        def on_message(self, topic, payload):
            heard.append((topic, payload))

    with Folder("clock") as folder:
        board, client = Board(folder), Client()
        board.clock.join(client, "h1")
        assert client.topics == [("a", 0), ("q1/h1/hub/time", 0)] and client.dial == board.clock.dial
        client.on_message("q1/h1/hub/time", encode(HubTime(NOW_S, -1)))
        client.on_message("a", b"else")
        assert board.set_to[-1] == NOW_S and heard == [("a", b"else")]


def test_what_is_no_time_is_refused():
    with Folder("clock") as folder:
        board = Board(folder)
        for payload in (b"", b"{}", b'{"s":-1}', b'{"s":1e9}', b'{"s":99999999999}'):
            try:
                board.clock.hear(payload)
                raise AssertionError(payload)
            except ProtocolError:
                pass
        assert board.set_to == [BUILT_S]


def test_a_flash_that_is_full_does_not_stop_it():
    board = Board("build/there-is-no-such-folder")
    board.attempt()
    board.told(NOW_S)
    board.attempt()
    board.told(NOW_S)
    assert board.clock.now_s() == NOW_S
