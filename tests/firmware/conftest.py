"""Files that can only run on MicroPython are shown as skipped here, with the reason; `test_both_interpreters.py` runs
them there."""

import gc

import pytest


def pytest_runtest_setup():
    """The firmware asks for a collection often, which would look through all that other tests have left."""
    gc.freeze()


def pytest_collection_modifyitems(items):
    for item in items:
        module = getattr(item, "module", None)
        if getattr(module, "ONLY", "cpython") != "cpython":
            reason = f"for {module.ONLY}, where test_both_interpreters.py runs it: {module.WHY}"
            item.add_marker(pytest.mark.skip(reason=reason))
