"""When a new version stays and when it gives itself up, by what it hears and by the time."""

from firmware import slots
from firmware.roles.vocabulary import LinkChanged
from firmware.trial import CONFIRMED, REJECTED, Trial
from protocol.downward import HubOnline
from tests.firmware.fakes import Folder

MINUTE = 60_000
HERE, AWAY = HubOnline(1, 7), HubOnline(0, 7)
UP, DOWN = LinkChanged(True), LinkChanged(False)


class Device:
    """What a trial looks at."""

    def __init__(self, error=""):
        self.hal = self
        self.sender = self
        self.error = error

    def test(self):
        return ""


class Board:
    """A version that is on trial, and time that passes."""

    def __init__(self, root):
        with open(slots.place(slots.spare_folder(root), "a.mpy"), "wb"):
            pass
        self.root = root
        slots.switch(root, [(0, slots.file_digest(root + "/slots/a/a.mpy"), "a.mpy")])
        self.start()

    def start(self):
        self.folder = slots.enter(self.root)
        self.now_ms = 0
        self.trial = Trial(self.root, self.folder, 0)

    def hear(self, *events):
        for event in events:
            self.trial.heard(event)

    def wait(self, minutes, error=""):
        """What it decides, or "" if it goes on all the while."""
        for _ in range(minutes * 60):
            self.now_ms += 1000
            decided = self.trial.decide(Device(error), self.now_ms)
            if decided:
                return decided, self.now_ms // MINUTE
        return ""


def test_a_version_that_has_the_hub_stays_after_five_minutes():
    with Folder("trial") as root:
        board = Board(root)
        board.hear(UP, HERE)
        assert board.wait(60) == (CONFIRMED, 5)
        assert slots.read(root) == slots.Pointer("a", "", 0)


def test_a_version_that_finds_no_broker_gives_itself_up_after_ten_minutes():
    with Folder("trial") as root:
        board = Board(root)
        assert board.wait(60) == (REJECTED, 10)
        assert slots.enter(root) == ""


def test_a_version_that_hears_nothing_from_the_broker_gives_itself_up():
    with Folder("trial") as root:
        board = Board(root)
        board.hear(UP)
        assert board.wait(60) == (REJECTED, 10)


def test_a_version_waits_all_night_for_a_hub_that_is_away():
    with Folder("trial") as root:
        board = Board(root)
        board.hear(UP, AWAY)
        assert board.wait(12 * 60) == ""
        board.hear(HERE)
        assert board.wait(1)[0] == CONFIRMED


def test_a_connection_that_breaks_proves_nothing():
    with Folder("trial") as root:
        board = Board(root)
        board.hear(UP, HERE)
        assert board.wait(4) == ""
        board.hear(DOWN)
        assert board.wait(5) == ""
        board.hear(UP, HERE)
        assert board.wait(1) == (CONFIRMED, 9)


def test_a_version_that_is_not_sound_does_not_stay():
    with Folder("trial") as root:
        board = Board(root)
        board.hear(UP, HERE)
        assert board.wait(60, error="journal: 5") == (REJECTED, 10)
        assert slots.enter(root) == ""


def test_a_version_that_restarts_the_board_has_three_starts():
    with Folder("trial") as root:
        board = Board(root)
        for _ in range(slots.TRIES - 1):
            board.hear(UP, HERE)
            assert board.wait(4) == ""
            assert board.folder
            board.start()
        board.start()
        assert board.folder == ""
