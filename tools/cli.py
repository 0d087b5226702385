"""The command `jiaohao`."""


def main() -> None:
    raise SystemExit("not built yet")
