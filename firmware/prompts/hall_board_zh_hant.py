"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "nobody": "請留意叫號",
    "offline": "離線",
    "starting": "正在啟動",
    "unconfirmed": "？",
}
