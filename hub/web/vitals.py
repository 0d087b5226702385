"""What the hub tells monitors: its own state as Prometheus metrics, and the parts without which no hall is served.

Everything is read when somebody asks; while the hall works only a few numbers are counted (hub.measures). No label is a
device, a ticket or a name: the number of series stays the same, however large the hall is.
"""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from hub.measures import Histogram
from hub.ports import DEVICE_ROLES, Device, LinkCounts, Records, StoreError

if TYPE_CHECKING:
    from hub.web.context import Web

STUCK_S = 10
"""How long the writer may have the same batch: an fsync takes milliseconds, on a bad day a second."""

STALE_MS = 10_000
"""How long a display may show something else than the hub wants. Its state is sent again after two seconds."""

ROOM_BYTES = 64 * 1024 * 1024
"""Less room than this on the disk is no room: it is the log of a week."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What only monitors ask for. `data`: the folder whose disk must not be full. `broker_restarts`: how often our own
    broker died. `last_good_ms`: when the last good backup was made; 0: never."""

    data: Path
    link: LinkCounts
    broker_restarts: Callable[[], int] = lambda: 0
    last_good_ms: Callable[[], int] = lambda: 0


def failing(web: Web, now_s: float) -> list[str]:
    """Names of the parts that keep the hall from being served. `now_s`: by the clock of the event loop."""
    measures = web.service.measures
    is_stuck = measures.busy_since_s and now_s - measures.busy_since_s > STUCK_S
    parts = {
        "hall": web.service.state.hall is None,
        "writer": web.service.is_over or is_stuck,
        "disk": measures.store_fails or shutil.disk_usage(web.vitals.data).free < ROOM_BYTES,
        "broker": not web.broker.connected,
    }
    return [name for name, is_failing in parts.items() if is_failing]


class Posts(NamedTuple):
    """What is on its way to others, as the database tells it (see hub.ports.Records): alarms, invitations to rate, and
    what is exchanged with a province."""

    outbox: Mapping[str, int]
    invitations: Mapping[str, int]
    exchange: Mapping[str, int]


def posts_of(records: Records) -> Posts | None:
    """None: the disk does not tell. Waits for the disk."""
    try:
        return Posts(records.outbox(), records.invitations(), records.exchange())
    except StoreError:
        return None


def exposition(web: Web, now_s: float, posts: Posts | None) -> bytes:
    """All metrics as text."""
    registry = CollectorRegistry(auto_describe=False)  # of our own: the library's global one belongs to nobody
    registry.register(_Found(_families(web, now_s, posts)))
    return generate_latest(registry)


class _Found:
    """Metrics that were read already, as the library wants to collect them."""

    def __init__(self, families: Iterable[Metric]):
        self._families = list(families)

    def collect(self) -> list[Metric]:
        return self._families


def _families(web: Web, now_s: float, posts: Posts | None) -> Iterator[Metric]:
    yield from _of_build()
    yield from _of_writer(web, now_s)
    yield from _of_devices(web)
    yield from _of_broker(web)
    yield from _of_hall(web)
    if posts:
        yield from _of_posts(posts)
    yield from _of_disk(web)


def _of_build() -> Iterator[Metric]:
    about = GaugeMetricFamily("jiaohao_build_info", "Always 1.", labels=("version", "python"))
    about.add_metric((version("jiaohao"), platform.python_version()), 1)
    yield about


def _of_writer(web: Web, now_s: float) -> Iterator[Metric]:
    measures = web.service.measures
    yield _histogram("command_to_commit_seconds", "From a command's arrival to the disk.", measures.command_s)
    yield _histogram("rating_to_commit_seconds", "From the press on a pad to the disk, if known.", measures.rating_s)
    yield _histogram("call_to_shown_seconds", "From a call to the display that shows it.", measures.shown_s)
    yield _histogram("batch_commands", "Commands that one transaction answered.", measures.batch)
    yield _counter("store_errors", "Batches that the disk did not take.", measures.store_errors)
    yield _gauge("store_failing", "1: the last batch was not stored.", measures.store_fails)
    yield _gauge("queued_commands", "Commands that wait for the writer.", web.service.queued)
    busy_s = now_s - measures.busy_since_s if measures.busy_since_s else 0.0
    yield _gauge("writer_busy_seconds", "How long the writer has had the batch that it works at.", busy_s)


def _of_devices(web: Web) -> Iterator[Metric]:
    now_ms = web.clock.now().ms
    active = [(device.role, web.devices.seen[device.id]) for device in web.devices.devices.values() if _may(device)]
    registered = Counter(role for role, _ in active)
    online = Counter(role for role, seen in active if seen.online)
    stale = Counter(role for role, seen in active if seen.stale_ms and now_ms - seen.stale_ms > STALE_MS)
    yield _by_role("devices_registered", "Devices that may speak.", registered)
    yield _by_role("devices_online", "Devices that are connected.", online)
    yield _by_role("displays_stale", f"Glasses that have been wrong for over {STALE_MS // 1000} s.", stale)
    depth = max((seen.pending for _, seen in active), default=0)
    yield _gauge("journal_depth_max", "Presses that wait in the fullest journal.", depth)
    clones = sum(seen.has_clone for _, seen in active)
    yield _gauge("devices_cloned", "Devices that another board passes for, since the hub's start.", clones)
    locked_out = sum(seen.is_locked_out for _, seen in active)
    yield _gauge("devices_locked_out", "Devices whose secret the broker does not know.", locked_out)
    yield _counter("quarantined_messages", "Messages of devices that could not be read.", web.inbox.quarantined)


def _may(device: Device) -> bool:
    return not device.revoked_ms


def _of_broker(web: Web) -> Iterator[Metric]:
    link = web.vitals.link
    yield _gauge("broker_connected", "1: the hub is connected to the broker.", web.broker.connected)
    yield _counter("broker_reconnects", "Connections to the broker after the first.", link.reconnects)
    yield _counter(
        "broker_restarts", "How often the embedded broker had to be started again.", web.vitals.broker_restarts()
    )
    yield _counter("messages_received", "Messages from devices.", link.received)
    yield _counter("messages_published", "Messages that the broker confirmed.", link.published)
    yield _counter("messages_dropped", "Messages that there was no room or no broker for.", link.dropped)


def _of_hall(web: Web) -> Iterator[Metric]:
    yield _gauge("people_waiting", "Tickets in line, in the whole hall.", sum(web.picture.waiting.values()))
    yield _gauge(
        "clock_drift_seconds", "By how much the machine's clock is before the hall's.", web.clock.drift_ms / 1000
    )


def _of_posts(posts: Posts) -> Iterator[Metric]:
    outbox, invitations, exchange = posts
    yield _gauge("outbox_waiting", "Messages to people that are not delivered yet.", outbox["waiting"])
    yield _gauge("outbox_given_up", "Messages to people that reached nobody, of 90 days.", outbox["given-up"])
    yield _gauge("invitations_waiting", "Invitations to rate that are not delivered yet.", invitations["waiting"])
    yield _gauge("invitations_given_up", "Invitations that reached nobody, of 90 days.", invitations["given-up"])
    yield _gauge("exchange_waiting", "Ratings and orders that wait for a province.", exchange["waiting"])
    yield _gauge("exchange_refused", "Ratings and orders that wait for a person.", exchange["refused"])
    oldest_s = exchange["oldest_ms"] / 1000
    yield _gauge("exchange_oldest_timestamp_seconds", "When what waits longest was made; 0: nothing waits.", oldest_s)


def _of_disk(web: Web) -> Iterator[Metric]:
    disk = shutil.disk_usage(web.vitals.data)
    yield _gauge("disk_size_bytes", "Size of the disk with the log.", disk.total)
    yield _gauge("disk_free_bytes", "Room on the disk with the log.", disk.free)
    last_s = web.vitals.last_good_ms() / 1000
    yield _gauge("backup_last_good_timestamp_seconds", "When the last good backup was made; 0: never.", last_s)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"jiaohao_{name}", meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"jiaohao_{name}", meaning, value=value)  # the library appends _total


def _by_role(name: str, meaning: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"jiaohao_{name}", meaning, labels=("role",))
    for role in DEVICE_ROLES:  # those that no device has too: an alert about nothing never fires
        family.add_metric((role,), counts.get(role, 0))
    return family


def _histogram(name: str, meaning: str, found: Histogram) -> Metric:
    family = HistogramMetricFamily(f"jiaohao_{name}", meaning)
    family.add_metric((), found.buckets(), found.total)
    return family
