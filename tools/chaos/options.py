"""What the command line says, as it goes to the harness."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

NATS = "nats"
MOSQUITTO = "mosquitto"
BROKERS = (NATS, MOSQUITTO)

NETNS = "netns"
PROXY = "proxy"

ERASE_ON_PUBACK = "erase-on-puback"
MISTAKES = (ERASE_ON_PUBACK,)


@dataclass(frozen=True, slots=True)
class Options:
    """`faults` are shared out evenly among `brokers`, which run one after the other. `network` is netns or proxy.
    `gap_s`: from one fault to the next, on average.
    `folder` is where everything lives; it exists, and is not removed here. `mistake` is empty for a right device.
    `keep`: the hub's data is copied there before its disk goes."""

    brokers: list[str]
    faults: int
    devices: int
    seed: int
    network: str
    folder: str
    gap_s: float
    mistake: str = ""
    as_json: bool = False
    keep: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Options:
        return Options(**json.loads(text))

    @property
    def again(self) -> str:
        """The command that runs the same once more."""
        broker = self.brokers[0] if len(self.brokers) == 1 else "both"
        mistake = f" --device-mistake {self.mistake}" if self.mistake else ""
        return (
            f"jiaohao chaos --broker {broker} --faults {self.faults} --devices {self.devices} --seed {self.seed} "
            f"--gap {self.gap_s:g} --network {self.network}{mistake}"
        )
