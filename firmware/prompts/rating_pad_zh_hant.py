"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "離線",
    "out-of-service": "評價器暫停使用，請告知工作人員",
    "rate": "請為本次服務評價",
    "starting": "正在啟動",
    "thanks": "謝謝您的評價",
    "unconfirmed": "？",
    "welcome": "歡迎光臨",
}
