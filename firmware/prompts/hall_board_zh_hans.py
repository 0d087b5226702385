"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "nobody": "请留意叫号",
    "offline": "离线",
    "starting": "正在启动",
    "unconfirmed": "？",
}
