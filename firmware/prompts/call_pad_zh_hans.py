"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "没有回应，请看清后再按",
    "not-sent": "离线，按键无效",
    "offline": "离线",
    "refused": "现在不能这样操作",
    "refused-nobody-signed-in": "请先登录窗口",
    "refused-nobody-waiting": "没有人在等候",
    "refused-nothing-called": "还没有叫号",
    "refused-slip": "刚刚叫过号，请稍后再按",
    "refused-stale": "窗口刚有变化，请看清后再按",
    "sending": "正在发送",
    "starting": "正在启动",
    "unconfirmed": "？",
}
