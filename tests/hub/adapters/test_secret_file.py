"""The data folder's secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.secret_file import keep_secret, write_private
from hub.ports import StoreError


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path):
    file = tmp_path / "secret"
    assert keep_secret(file) == keep_secret(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_folder_has_another_secret(tmp_path: Path):
    assert keep_secret(tmp_path / "one") != keep_secret(tmp_path / "two")


def test_a_damaged_secret_is_not_used(tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(StoreError, match="32 bytes"):
        keep_secret(tmp_path / "secret")


def test_a_folder_that_is_gone_is_told(tmp_path: Path):
    with pytest.raises(StoreError, match="cannot use the secret"):
        keep_secret(tmp_path / "gone" / "secret")


def test_what_leads_elsewhere_is_not_written_through(tmp_path: Path):
    """The folder may be somebody else's than root, who writes in it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("as it was")
    (tmp_path / "file.new").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic links"):
        write_private(tmp_path / "file", "mine")
    assert elsewhere.read_text() == "as it was"
