"""Releases for tests, on both interpreters, signed by keys that are good for nothing else; and a hub that hands out
their pieces.
"""

from binascii import hexlify
from hashlib import sha256

from firmware.signature import PREFIX
from protocol import update
from protocol.update import SIGNATURE_BYTES, Line, Manifest

MADE = 1_800_000_000

MODULUS = int(
    "d533d326c84a4a1d59c2b2b28a77c1eabd01c8f36f1db4cc528dd9a04c107c65d077eefb9c4695061452d690e6f2e10d"
    "dd0614269321c613a57c7bc77eb31772ec11a0c77eb1988de5b5ce38eb4ecbdde099a35612eb31a584e9638572d17afe"
    "4e3f8e3e346e45e6d692b490479900c1f86f5a970afcbd933aaa560abdb42a99c6ad960814b51309b1a08ecde8cdb21e"
    "ea25568916468a929dd42f3d7aaf66da90b662e2fa87831ee95910e784e8f1f450ba3ae1e2bb645a316ab25010058d3a"
    "1a398c41dffecc10e6f5ed918cc634b1de084c13fd062e500968ab385fe10d404d1197e0f1e98bef75c8fb75e79e229c"
    "95d7fb07c9c6794f304687be1a1a1540d01483f612bdafb298d38d82e8836b91124b2682eccefd368a92187915574b6f"
    "eec19f20eed31f93499886e0b83cb560bb9ba865887c3dd7b28409e572b755bc57a71202b0a215794263501d30c9d785"
    "a50ed52606d29866cf1470d5be86c2429e6c606b6d529daae7477f1774dabccd60898683afa29c4177f378d53c7d5e47",
    16,
)
PRIVATE = int(
    "04952696bb7b62a31ade252527f61c599aa7c27ffe5ac470c2882b58acb48b57f791270be0220c40a33331f57a0c026b"
    "b5327f95b757e4800b9b3a0b3707f67066994266c7570891143cecd52b09a336d3b064630c93b844cc848fba65eb66c4"
    "b73dda7ada79a6fafd3b0e07d937755d60a4fec22709a3b184734b8228edb474b5b689765c56400b2ca1923039842258"
    "a91915b115fa27845b41724fd4a6972eb4d4416fe0deaf777ca088cd267d88a5d863b306f943f9e0e3c05d5b7c87575a"
    "66fa87c31d379fbeb3d230dcc73a52e0fff340517e907918c2b4f57d1ce0e0571e317c7f3a64c18daa060b8da38d2d60"
    "1bd03fead6afffb071935d1080e4113e432b154830e42e0a17983e04932eac106fa4b359abe36512f56249ae1bb65719"
    "8485c126c4d9a5228aae889c3b9483823128a6cf7ca9c06a199cda4872f5172e19c3bd89649edf9b0ca570e015b8681b"
    "ba4b87bb06a474634489e8312cbea46ae0d19d469acb67f112e2fb9031addce5ba19118511062a785eb77aaf08b6c961",
    16,
)
KEY = MODULUS.to_bytes(SIGNATURE_BYTES, "big")

SIGNED = {}
"""Signing takes MicroPython a second, and most tests sign the same."""


def sign(message):
    if message not in SIGNED:
        block = b"\x00\x01" + b"\xff" * 330 + b"\x00" + PREFIX + sha256(message).digest()
        SIGNED[message] = pow(int.from_bytes(block, "big"), PRIVATE, MODULUS).to_bytes(SIGNATURE_BYTES, "big")
    return SIGNED[message]


def digest(data):
    return hexlify(sha256(data).digest()).decode()


def lines(files):
    """The list of a version's files, path -> bytes."""
    return [Line(len(files[path]), digest(files[path]), path) for path in sorted(files)]


class Release:
    """`changes` are fields of the manifest that are not as they would be."""

    def __init__(self, contents, listed=None, **changes):
        listed = lines(contents) if listed is None else listed
        self.list = b"".join(update.encode_line(line) for line in listed)
        self.contents = [self.list] + [contents[path] for path in sorted(contents)]
        fields = {
            "made": MADE,
            "oldest": MADE,
            "version": "0.2.0",
            "hardware": ["virtual", "esp32"],
            "expires": 0,
            "files": len(listed),
            "bytes": sum(line.size for line in listed),
            "list": len(self.list),
            "digest": digest(self.list),
        }
        fields.update(changes)
        self.made = fields["made"]
        self.manifest = update.encode_manifest(Manifest(*[fields[name] for name in update.MANIFEST]))
        self.offer = sign(self.manifest) + self.manifest

    def answer(self, want):
        """The piece that the board asks for, which it may start at once."""
        head = update.piece_head(self.made, want.file, want.at)
        if want.file == len(self.contents):
            return head
        return head + self.contents[want.file][want.at : want.at + update.PIECE_BYTES]


def carry_out(updater, release, steps=1000, answer=None):
    """Lets the updater ask until it ends or so many steps are done; its wants."""
    asked = []
    for step in range(steps):
        message = updater.want(step * 10_000)
        if message:
            want = update.read_want(message)
            asked.append(want)
            if not want.error:
                piece = (answer or release.answer)(want)
                if piece is not None:
                    updater.take("piece", piece)
        elif updater.state != 1:
            return asked
    return asked
