"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "離線",
    "scan": "掃碼評價",
    "starting": "正在啟動",
    "unconfirmed": "？",
}
