"""What a board accepts over TLS, by the firmware's own code on both interpreters, and what it does about its clock."""

import asyncio
import os
import shutil
import ssl
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.adapters import ca

ROOT = Path(__file__).parents[2]
HOST = "hub.example"
MICROPYTHON = Path(sys.executable).parent / "micropython"
NOW = datetime.now(UTC)
BUILT_S = int((NOW - timedelta(days=90)).timestamp())
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
INTERPRETERS = ("micropython", "cpython")


@pytest.fixture(params=INTERPRETERS)
def interpreter(request):
    if request.param == "micropython" and not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    return MICROPYTHON if request.param == "micropython" else sys.executable


@asynccontextmanager
async def broker(certificate: Path):
    """Shows the certificate and answers CONNECT; its port."""

    async def serve(reader, writer):
        try:
            if await reader.read(1):
                writer.write(b"\x20\x02\x00\x00")
                await reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ca.server_context(certificate))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def connect(
    interpreter, folder: Path, trusted: Path, certificate: Path, name: str = HOST, at: str = "", built_s: int = BUILT_S
) -> str:
    """What a board with the authority in `trusted` says of a broker with `certificate`. `at`: what its clock shows at
    the start, and that it can be set; empty: its clock is the machine's and cannot."""
    folder.mkdir(exist_ok=True)
    shutil.copy(trusted, folder / "ca.der")
    environment = {"PYTHONPATH": str(ROOT), "MICROPYPATH": f"{ROOT}:.frozen", "TZ": "UTC"}
    clock = ""
    if at:
        clock = str(folder / "faketime")
        Path(clock).write_text(f"@{at} 00:00:00\n")
        environment |= {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1"}
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    async with broker(certificate) as port:
        arguments = [str(Path(__file__).with_name("board_over_tls.py")), str(folder), str(port), name, str(built_s)]
        process = await asyncio.create_subprocess_exec(
            interpreter, *arguments, clock, env=environment, cwd=folder, stdout=asyncio.subprocess.PIPE
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), 30)
        except TimeoutError:
            process.kill()
            raise
    return said.decode().strip()


@pytest.fixture(scope="module")
def hall(tmp_path_factory) -> ca.Files:
    return ca.init(tmp_path_factory.mktemp("hall"), [HOST], NOW).files


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> ca.Files:
    return ca.init(tmp_path_factory.mktemp("other"), [HOST], NOW).files


async def test_the_right_broker_is_trusted(interpreter, tmp_path, hall):
    assert await connect(interpreter, tmp_path, hall.for_boards, hall.broker) == "connected"


async def test_a_broker_of_another_authority_is_refused(interpreter, tmp_path, hall, other):
    assert (await connect(interpreter, tmp_path, other.for_boards, hall.broker)).startswith("refused")


async def test_a_broker_of_another_name_is_refused(interpreter, tmp_path, hall):
    said = await connect(interpreter, tmp_path, hall.for_boards, hall.broker, name="other.example")
    assert said.startswith("refused") and ("does not match" in said or "mismatch" in said)


async def test_a_certificate_that_is_over_is_refused(interpreter, tmp_path):
    authority = ca.init(tmp_path / "data", [HOST], NOW - timedelta(days=400))
    said = await connect(interpreter, tmp_path / "board", authority.files.for_boards, authority.files.broker)
    assert said.startswith("refused") and "expired" in said


async def test_a_certificate_that_signed_itself_is_refused(interpreter, tmp_path, hall):
    assert (await connect(interpreter, tmp_path, hall.for_boards, self_signed(tmp_path))).startswith("refused")


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(NOW - timedelta(days=9)).not_valid_after(NOW + timedelta(days=9))
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "self.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + builder.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    return file


async def test_authorities_overlap_also_when_the_first_is_two_behind(interpreter, tmp_path):
    data = tmp_path / "data"
    old = ca.init(data, [HOST], NOW)
    before = shutil.copy(old.files.for_boards, tmp_path / "old.der")
    between = shutil.copy(old.replace(NOW).files.for_boards, tmp_path / "between.der")
    ca.load(data).replace(NOW)
    for trusted in (before, between, old.files.for_boards):
        assert await connect(interpreter, tmp_path / "board", trusted, old.files.broker) == "connected"


@pytest.mark.parametrize("at", ["2000-01-01", f"{NOW.year + 10}-01-01"])
async def test_whatever_the_clock_shows_at_start_the_board_connects(interpreter, tmp_path, hall, at):
    assert LIBRARIES, "faketime is missing: apt-get install faketime (make test does it as root)"
    assert await connect(interpreter, tmp_path, hall.for_boards, hall.broker, at=at) == "connected"


@pytest.mark.parametrize("at", ["2000-01-01", f"{NOW.year + 10}-01-01"])
async def test_without_the_rule_such_a_clock_refuses_the_right_broker(interpreter, tmp_path, hall, at):
    """That the test above can fail: a firmware that does not know its day leaves the clock as it is."""
    said = await connect(interpreter, tmp_path, hall.for_boards, hall.broker, at=at, built_s=0)
    assert said.startswith("refused") and ("future" in said or "not yet" in said or "expired" in said)


async def test_a_time_that_was_saved_counts_if_it_is_later(interpreter, tmp_path, hall):
    (tmp_path / "clock").write_text(str(int((NOW + timedelta(days=500)).timestamp())))
    said = await connect(interpreter, tmp_path, hall.for_boards, hall.broker, at="2000-01-01")
    assert said.startswith("refused") and "expired" in said


def test_nothing_below_tls_1_2_is_offered(hall):
    assert ca.server_context(hall.broker).minimum_version is ssl.TLSVersion.TLSv1_2
    assert ca.client_context(hall.trusted).minimum_version is ssl.TLSVersion.TLSv1_2
    assert os.stat(hall.key).st_mode & 0o777 == os.stat(hall.broker).st_mode & 0o777 == 0o600
