from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.reports.played import fill


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of some days, which nobody may change."""
    file = tmp_path_factory.mktemp("played") / "hall.db"
    fill(file)
    return file
