"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "沒有回應，請看清後再按",
    "not-sent": "離線，按鍵無效",
    "offline": "離線",
    "refused": "現在不能這樣操作",
    "sending": "正在傳送",
    "starting": "正在啟動",
    "unconfirmed": "？",
    "waiting": "等候人數 ",
}
