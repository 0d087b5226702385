"""No test depends on speed: an example that takes long, on a machine with other work, is not wrong."""

import gc

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """The firmware asks for a collection often, which takes half a second among all that the tests have loaded."""
    gc.collect()
    gc.freeze()
