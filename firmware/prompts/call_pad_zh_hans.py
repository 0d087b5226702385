"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "没有回应，请看清后再按",
    "not-sent": "离线，按键无效",
    "offline": "离线",
    "refused": "现在不能这样操作",
    "sending": "正在发送",
    "starting": "正在启动",
    "unconfirmed": "？",
    "waiting": "等候人数 ",
}
