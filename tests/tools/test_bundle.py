"""What goes to a board is the same, byte for byte, whoever builds it, where and when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools import bundle

ROOT = Path(__file__).parents[2]


def building(target: Path, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.bundle", str(target)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_builds_are_the_same_bytes(tmp_path: Path):
    """In folders of other names and depths, in other zones and languages, with another order of sets."""
    one, other = tmp_path / "one", tmp_path / "a" / "much deeper 文件夹"
    builds = [
        building(one, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C"),
        building(other, PYTHONHASHSEED="2", TZ="Asia/Shanghai", LC_ALL="C.UTF-8"),
    ]
    said = [build.communicate(timeout=120)[0].strip().rpartition("sha256 ")[2] for build in builds]
    assert said[0] == said[1] == bundle.digest(one) == bundle.digest(other)
    files = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    assert len(files) > 20
    assert all((other / path).read_bytes() == content for path, content in files.items())


def test_a_digest_sees_names_contents_and_where_they_end(tmp_path: Path):
    def digest(name: str, files: dict[str, bytes]) -> str:
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(content)
        return bundle.digest(tmp_path / name)

    seen = [
        digest("1", {"a": b"1", "b": b"2"}),
        digest("2", {"a": b"1", "c": b"2"}),
        digest("3", {"a": b"1", "b": b"3"}),
        digest("4", {"a": b"1b\x001\x002"}),
        digest("5", {"d/a": b"1", "d/b": b"2"}),
    ]
    assert len(set(seen)) == len(seen)
    assert digest("6", {"b": b"2", "a": b"1"}) == seen[0]
