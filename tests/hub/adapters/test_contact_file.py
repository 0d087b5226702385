"""Contacts follow the hall file, and a slip of the pen in it loses none."""

from __future__ import annotations

from pathlib import Path

from hub.adapters.contact_file import ContactFile
from hub.config import Contact

HALL = (Path(__file__).parents[3] / "hub" / "halls" / "songshan-lake.toml").read_text("utf-8")
QIAN = Contact("qian-test", "钱", email="qian@example.invalid")
TABLE = '\n[contacts.qian-test]\nname = "钱"\nemail = "qian@example.invalid"\n'


def test_a_contact_that_is_added_is_there_and_one_that_is_taken_out_is_not(tmp_path: Path):
    file = tmp_path / "hall.toml"
    file.write_text(HALL, "utf-8")
    contacts = ContactFile(file)
    assert "qian-test" not in contacts.contacts()
    file.write_text(HALL + TABLE, "utf-8")
    assert contacts.contacts()["qian-test"] == QIAN
    file.write_text(HALL, "utf-8")
    assert "qian-test" not in contacts.contacts()


def test_a_file_that_cannot_be_read_leaves_the_contacts_from_before(tmp_path: Path, caplog):
    file = tmp_path / "hall.toml"
    file.write_text(HALL + TABLE, "utf-8")
    contacts = ContactFile(file)
    contacts.contacts()
    for spoiled in ("[hall", None):
        file.unlink() if spoiled is None else file.write_text(spoiled, "utf-8")
        assert contacts.contacts()["qian-test"] == QIAN
    assert caplog.text.count("cannot be read") == 2
