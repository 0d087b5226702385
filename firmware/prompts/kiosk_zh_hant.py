"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "again": "再次列印",
    "appointment": "預約取號",
    "choose": "請選擇",
    "code": "請輸入號碼，按確定",
    "in-en": "English",
    "in-zh-Hans": "简体中文",
    "in-zh-Hant": "繁體中文",
    "keep": "已記下號碼",
    "kept": "請記住號碼",
    "no-answer": "現在不能取號，請稍後再試",
    "no-paper": "現在不能列印",
    "offline": "離線",
    "starting": "正在啟動",
    "take": "請取走號票",
    "unconfirmed": "？",
    "void": "號碼已作廢",
    "void-soon": "沒有列印，一分鐘後作廢",
    "wait": "請稍候",
    "without": "只顯示號碼",
}
