"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "离线",
    "out-of-service": "评价器暂停使用，请告知工作人员",
    "rate": "请为本次服务评价",
    "starting": "正在启动",
    "thanks": "谢谢您的评价",
    "unconfirmed": "？",
    "welcome": "欢迎光临",
}
