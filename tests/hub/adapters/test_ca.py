"""The hall's own authority: what it issues, when it renews, and what it says when it cannot."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from hub.adapters import ca, transport
from hub.adapters.mosquitto import OutsideBroker
from hub.adapters.secret_file import write_private
from hub.adapters.transport import Transport
from hub.ports import BrokerError

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOME = ("127.0.0.1", 8000)
AWAY = ("0.0.0.0", 8000)
DEVICES = ("127.0.0.1", 1883)


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_lives_are_as_promised_and_files_are_for_their_owner_only(tmp_path: Path):
    authority = ca.init(tmp_path, ["hall.example", "192.0.2.7"], NOW)
    files = authority.files
    assert authority.certificate.not_valid_after_utc > NOW + timedelta(days=20 * 366)
    assert authority.hosts == ("hall.example", "192.0.2.7", *ca.LOOPBACK)
    for file in (files.broker, files.pages):
        assert certificate(file).not_valid_after_utc == NOW + timedelta(days=365)
    assert certificate(files.broker).not_valid_before_utc == ca.NOT_BEFORE
    span = certificate(files.pages).not_valid_after_utc - certificate(files.pages).not_valid_before_utc
    assert span < timedelta(days=398), "browsers refuse more"
    assert {file.stat().st_mode & 0o777 for file in files.folder.iterdir()} == {0o600}
    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert x509.load_der_x509_certificate(files.for_boards.read_bytes()) == authority.certificate


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT CAN TRY WHAT ROOT LEAVES BEHIND")
def test_what_an_admin_makes_as_root_is_the_hubs_to_read(tmp_path: Path):
    os.chown(tmp_path, 4711, 4712)
    ca.init(tmp_path, ["hall.example"], NOW).replace(NOW).renew(["other.example"], NOW)
    made = [ca.files_of(tmp_path).folder, *ca.files_of(tmp_path).folder.iterdir()]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(4711, 4712)}


def test_a_second_authority_is_not_made_by_mistake(tmp_path: Path):
    ca.init(tmp_path, ["hall.example"], NOW)
    with pytest.raises(ca.CaError, match="already"):
        ca.init(tmp_path, ["hall.example"], NOW)


def test_an_authority_without_its_key_is_not_replaced_by_mistake(tmp_path: Path):
    files = ca.init(tmp_path, ["hall.example"], NOW).files
    files.key.unlink()
    with pytest.raises(ca.CaError, match=r"ca\.key is not .* from a backup"):
        ca.init(tmp_path, ["hall.example"], NOW)


class PowerCut(Exception):
    pass


@pytest.mark.parametrize("writes", range(7))
def test_a_replacement_that_was_cut_short_leaves_nobody_out(tmp_path: Path, monkeypatch, writes: int):
    """Whoever has what was for boards, before or after the cut, trusts what servers show after the next renewal."""
    old = ca.init(tmp_path, ["hall.example"], NOW)
    handed_out = {old.files.for_boards.read_bytes()}
    done = []

    def write(file: Path, content: bytes) -> None:
        if len(done) == writes:
            raise PowerCut
        done.append(file)
        write_private(file, content)

    with monkeypatch.context() as cut:
        cut.setattr(ca, "write_private", write)
        with contextlib.suppress(PowerCut):
            old.replace(NOW)
    handed_out.add(old.files.for_boards.read_bytes())
    shown = [old.files.broker.read_bytes()]
    ca.load(tmp_path).renew(["hall.example"], NOW)
    shown.append(old.files.broker.read_bytes())
    for trusted in handed_out:
        assert all(is_trusted(by, trusted) for by in shown)
    assert len(done) == writes


def is_trusted(shown: bytes, trusted: bytes) -> bool:
    leaf, *chain = x509.load_pem_x509_certificates(shown)
    store = Store([x509.load_der_x509_certificate(trusted)])
    verifier = PolicyBuilder().store(store).time(NOW).build_server_verifier(x509.DNSName("hall.example"))
    try:
        verifier.verify(leaf, chain)
    except VerificationError:
        return False
    return True


def test_certificates_of_a_clock_that_was_ahead_are_made_again_when_it_is_right(tmp_path: Path):
    """Browsers would refuse the pages until that day comes."""
    files = ca.init(tmp_path, ["hall.example"], NOW + timedelta(days=3650)).files
    assert ca.renew_if_due(tmp_path, NOW)
    assert certificate(files.pages).not_valid_before_utc < NOW
    assert not ca.renew_if_due(tmp_path, NOW)


def test_a_clock_before_any_certificate_is_told(tmp_path: Path):
    early = datetime(2000, 1, 1, tzinfo=UTC)
    with pytest.raises(ca.CaError, match="clock shows 2000-01-01"):
        ca.init(tmp_path, ["hall.example"], early)
    ca.init(tmp_path, ["hall.example"], NOW)
    with pytest.raises(ca.CaError, match="clock shows 2000-01-01"):
        ca.renew_if_due(tmp_path, early)


def test_what_servers_show_after_a_replacement_is_good_for_strict_clients(tmp_path: Path):
    """Python from 3.13 on is one."""
    ca.init(tmp_path, ["hall.example"], NOW).replace(NOW)
    for each in x509.load_pem_x509_certificates(ca.files_of(tmp_path).broker.read_bytes()):
        assert each.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def test_a_hub_that_was_off_for_long_renews_before_it_starts(tmp_path: Path):
    files = ca.init(tmp_path, ["hall.example"], datetime.now(UTC) - timedelta(days=400)).files
    Transport(tmp_path, HOME, DEVICES, "", "")
    assert certificate(files.broker).not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)


@pytest.mark.parametrize("host", ["", "hall example", "*.example/..", "大厅"])
def test_what_is_no_name_is_refused(tmp_path: Path, host: str):
    with pytest.raises(ca.CaError, match="is no host name"):
        ca.init(tmp_path, [host], NOW)
    assert not ca.exists(tmp_path)


def test_it_is_renewed_when_less_than_sixty_days_are_left(tmp_path: Path):
    ca.init(tmp_path, ["hall.example"], NOW)
    key = ca.files_of(tmp_path).broker.read_bytes()
    assert not ca.renew_if_due(tmp_path, NOW + timedelta(days=300))
    assert ca.files_of(tmp_path).broker.read_bytes() == key
    assert ca.renew_if_due(tmp_path, NOW + timedelta(days=306))
    assert ca.load(tmp_path).days_left(NOW + timedelta(days=306)) == 365
    assert ca.load(tmp_path).hosts[0] == "hall.example"


def test_a_damaged_folder_is_told(tmp_path: Path):
    with pytest.raises(ca.CaError, match="jiaohao broker init --data"):
        ca.load(tmp_path)
    authority = ca.init(tmp_path, ["hall.example"], NOW)
    authority.files.broker.write_text("nothing")
    with pytest.raises(ca.CaError, match="jiaohao broker renew"):
        ca.renew_if_due(tmp_path, NOW)
    authority.files.key.write_text("nothing")
    with pytest.raises(ca.CaError, match="restore the folder"):
        ca.load(tmp_path)


def test_nothing_is_plain_text_where_others_can_listen(tmp_path: Path):
    assert Transport(tmp_path, HOME, DEVICES, "", "").secure is False
    with pytest.raises(BrokerError, match=r"--listen 0\.0\.0\.0:8000 without TLS .* --behind-proxy"):
        Transport(tmp_path, AWAY, DEVICES, "", "")
    with pytest.raises(BrokerError, match=r"--mqtt 0\.0\.0\.0:1883 without TLS .* jiaohao broker init"):
        Transport(tmp_path, HOME, ("0.0.0.0", 1883), "", "")
    with pytest.raises(BrokerError, match=r"mqtts://broker\.example:PORT"):
        Transport(tmp_path, HOME, DEVICES, "mqtt://broker.example", "")
    behind = Transport(tmp_path, AWAY, DEVICES, "", "192.0.2.9")
    assert behind.secure and behind.pages is None
    assert Transport(tmp_path, HOME, DEVICES, "mqtts://broker.example", "").names == ("broker.example",)


def test_with_certificates_everything_is_tls(tmp_path: Path):
    ca.init(tmp_path, ["hall.example"], datetime.now(UTC))
    found = Transport(tmp_path, AWAY, ("0.0.0.0", 8883), "", "")
    assert (
        found.secure and found.pages == ca.files_of(tmp_path).pages and found.host == found.names[0] == "hall.example"
    )
    with pytest.raises(BrokerError, match=r"the certificate is for hall.example.* --host 192.0.2.7"):
        Transport(tmp_path, AWAY, ("192.0.2.7", 8883), "", "")


async def test_what_cannot_be_renewed_keeps_nothing_else_from_being_taken_into_use(tmp_path: Path, caplog):
    authority = ca.init(tmp_path, ["hall.example"], datetime.now(UTC))
    found = Transport(tmp_path, HOME, DEVICES, "mqtts://broker.example", "")
    pages = ca.server_context(authority.files.pages)
    authority.renew(["hall.example"], datetime.now(UTC) - timedelta(days=ca.SERVER_DAYS - 30))
    authority.files.key.write_text("nothing")
    taken = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ca, "load_certificate", lambda context, file: taken.append((context, file)))
        await found.look(OutsideBroker("mqtts://broker.example", "hub", "", "north", None), pages)
    assert taken == [(pages, authority.files.pages)] and "cannot read" in caplog.text


@pytest.mark.parametrize(("listen", "host"), [("::1", "[::1]"), ("::", "[2001:db8::7]"), ("127.0.0.1", "127.0.0.1")])
def test_links_name_an_ipv6_address_as_browsers_want_it(tmp_path: Path, listen: str, host: str):
    ca.init(tmp_path, ["2001:db8::7"], datetime.now(UTC))
    assert Transport(tmp_path, (listen, 8000), ("::1", 8883), "", "").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_what_only_this_machine_reaches(host: str):
    assert transport.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "localhost.example", "127.0.0.1.example", ""])
def test_what_others_reach(host: str):
    assert not transport.is_loopback(host)
