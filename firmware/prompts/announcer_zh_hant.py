"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "離線",
    "quiet": "靜音時段",
    "silent": "語音叫號",
    "starting": "正在啟動",
    "unconfirmed": "？",
}
