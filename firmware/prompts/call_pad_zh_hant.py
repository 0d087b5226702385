"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "沒有回應，請看清後再按",
    "not-sent": "離線，按鍵無效",
    "offline": "離線",
    "refused": "現在不能這樣操作",
    "refused-nobody-signed-in": "請先登入窗口",
    "refused-nobody-waiting": "沒有人在等候",
    "refused-nothing-called": "還沒有叫號",
    "refused-slip": "剛剛叫過號，請稍後再按",
    "refused-stale": "窗口剛有變化，請看清後再按",
    "sending": "正在傳送",
    "starting": "正在啟動",
    "unconfirmed": "？",
}
