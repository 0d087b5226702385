"""DFPlayer Mini: plays MP3 files from a card. Source: DFRobot's data sheet DFR0299, section 3; 9600 baud, 8N1.

A frame is ten bytes: 7E, version FF, length 06, command, whether an answer is wanted, two bytes of argument, two of
checksum, EF. The checksum is what makes the sum of the bytes from FF to it zero.

Clips are the files 0001.mp3, 0002.mp3 ... in the card's folder MP3. They are played one after the other: the player
tells when one has ended. It tells so twice on many modules, and not at all for a file that is not there.
"""

PLAY = 0x12  # the file of that number in the folder MP3
VOLUME = 0x06  # 0 to 30
STOP = 0x16
ENDED = 0x3D  # the player: a file of the card has ended
ERROR = 0x40  # the player: no such file, no card ...

FRAME_BYTES = 10
START = 0x7E
END = 0xEF

VOLUME_MAX = 30

DEAF_MS = 150
"""So long after a clip was begun, what is said is about the one before."""


def frame(command: int, argument: int) -> bytes:
    body = bytes((0xFF, 0x06, command, 0, argument >> 8, argument & 0xFF))
    return bytes((START,)) + body + (-sum(body) & 0xFFFF).to_bytes(2, "big") + bytes((END,))


class DfPlayer:
    """A player on `uart`. `tick(now_ms)` from the main loop moves it on.

    `length_ms(clips)` is the longest that they take: by then a clip has ended, told or not. No word comes for a file
    that is not there, nor over a wire that is not."""

    def __init__(self, uart, volume: int, length_ms):
        self._uart = uart
        self._length_ms = length_ms
        self._heard = b""
        self._clips = ()
        self._done = None
        self._begun_ms = None
        self._longest_ms = 0
        uart.write(frame(VOLUME, min(volume, VOLUME_MAX)))

    def play(self, clips: tuple, done) -> None:
        """Play the clips in place of what is played, then call done()."""
        self._clips = clips
        self._done = done
        self._begun_ms = None

    def tick(self, now_ms: int) -> None:
        ended = self._hear() and self._begun_ms is not None and now_ms - self._begun_ms > DEAF_MS
        if self._done is None or not (ended or self._begun_ms is None or now_ms - self._begun_ms >= self._longest_ms):
            return
        if not self._clips:
            done, self._done = self._done, None
            done()
            return
        self._begun_ms = now_ms
        self._longest_ms = self._length_ms(self._clips[:1])
        self._uart.write(frame(PLAY, self._clips[0]))
        self._clips = self._clips[1:]

    def _hear(self) -> bool:
        """Whether the player said that a clip has ended, or cannot be played. Noise on the line is skipped."""
        self._heard += self._uart.read() or b""
        ended = False
        while len(self._heard) >= FRAME_BYTES:
            said = self._heard[:FRAME_BYTES]
            if said[0] == START and said == said[:3] + frame(said[3], said[5] << 8 | said[6])[3:]:
                ended = ended or said[3] in (ENDED, ERROR)
                self._heard = self._heard[FRAME_BYTES:]
            else:
                self._heard = self._heard[1:]
        return ended
