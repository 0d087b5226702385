"""The player, read from the bytes on its wire."""

from firmware.hal.drivers.dfplayer import DEAF_MS, ENDED, ERROR, PLAY, VOLUME, DfPlayer, frame
from protocol.speech import announcement, length_ms


class Uart:
    def __init__(self):
        self.sent = b""
        self.waiting = b""

    def write(self, data):
        self.sent += data

    def read(self):
        data, self.waiting = self.waiting, b""
        return data or None


class Played:
    """A player and what it was told: `clips` are the numbers that it plays."""

    def __init__(self, volume=20):
        self.uart = Uart()
        self.player = DfPlayer(self.uart, volume, length_ms)
        self.now_ms = 0
        self.done = 0

    def play(self, *clips):
        self.player.play(clips, self._count)

    def _count(self):
        self.done += 1

    def after(self, ms, said=b""):
        self.now_ms += ms
        self.uart.waiting += said
        self.player.tick(self.now_ms)

    def told(self):
        """(command, argument) of each frame."""
        data = self.uart.sent
        frames = [data[place : place + 10] for place in range(0, len(data), 10)]
        for one in frames:
            assert one[:3] == b"\x7e\xff\x06" and one[9] == 0xEF
            assert (sum(one[1:7]) + (one[7] << 8 | one[8])) & 0xFFFF == 0
        return [(one[3], one[5] << 8 | one[6]) for one in frames]

    def clips(self):
        return [argument for command, argument in self.told() if command == PLAY]


ENDS = frame(ENDED, 1)


def test_a_frame_is_that_of_the_data_sheet():
    assert frame(0x03, 1) == bytes.fromhex("7eff06030000 01fef7ef".replace(" ", ""))


def test_it_begins_with_its_volume():
    assert Played(20).told() == [(VOLUME, 20)] and Played(99).told() == [(VOLUME, 30)]


def test_clips_are_played_one_after_the_other_and_then_it_says_so():
    played = Played()
    played.after(10)
    assert played.clips() == []
    played.play(101, 5, 300)
    played.after(10)
    assert played.clips() == [101]
    played.after(500)
    assert played.clips() == [101]
    played.after(100, ENDS)
    assert played.clips() == [101, 5]
    played.after(800, ENDS)
    assert (played.clips(), played.done) == ([101, 5, 300], 0)
    played.after(900, ENDS)
    played.after(900, ENDS)
    assert (played.clips(), played.done) == ([101, 5, 300], 1)


def test_the_same_end_told_twice_ends_one_clip():
    played = Played()
    played.play(1, 2, 3)
    played.after(0)
    played.after(500, ENDS + ENDS)
    played.after(DEAF_MS // 2, ENDS)
    assert played.clips() == [1, 2]


def test_a_clip_that_is_not_there_is_passed_over():
    played = Played()
    played.play(1, 2)
    played.after(0)
    played.after(500, frame(ERROR, 6))
    assert played.clips() == [1, 2]


def test_a_player_that_tells_nothing_has_said_all_when_the_role_expects_it():
    played = Played()
    clips = announcement("A012", "3")
    played.play(*clips)
    for _ in range(length_ms(clips) // 10 + 2):
        played.after(10)
    assert (played.clips(), played.done) == (list(clips), 1)


def test_a_frame_in_pieces_and_noise_around_it():
    played = Played()
    played.play(1, 2)
    played.after(0)
    played.after(300, b"\x7e\x00\xff" + ENDS[:4])
    assert played.clips() == [1]
    played.after(300, ENDS[4:] + b"\x7e")
    assert played.clips() == [1, 2]


def test_a_spoiled_frame_ends_nothing():
    played = Played()
    played.play(1, 2)
    played.after(0)
    played.after(500, ENDS[:7] + b"\x00" + ENDS[8:])
    assert played.clips() == [1]


def test_a_new_announcement_takes_the_place_of_the_old_one():
    played = Played()
    played.play(1, 2)
    played.after(0)
    played.play(7)
    played.after(10)
    assert played.clips() == [1, 7]
    played.after(800, ENDS)
    assert played.done == 1


def test_nothing_to_say_is_said_at_once():
    played = Played()
    played.play()
    played.after(0)
    assert (played.clips(), played.done) == ([], 1)
