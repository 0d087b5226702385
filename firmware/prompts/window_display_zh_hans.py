"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "离线",
    "scan": "扫码评价",
    "starting": "正在启动",
    "unconfirmed": "？",
}
