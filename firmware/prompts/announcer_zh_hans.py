"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "离线",
    "quiet": "静音时段",
    "silent": "语音叫号",
    "starting": "正在启动",
    "unconfirmed": "？",
}
