"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "again": "再次打印",
    "appointment": "预约取号",
    "choose": "请选择",
    "code": "请输入号码，按确定",
    "in-en": "English",
    "in-zh-Hans": "简体中文",
    "in-zh-Hant": "繁體中文",
    "keep": "已记下号码",
    "kept": "请记住号码",
    "no-answer": "现在不能取号，请稍后再试",
    "no-paper": "现在不能打印",
    "offline": "离线",
    "starting": "正在启动",
    "take": "请取走号票",
    "unconfirmed": "？",
    "void": "号码已作废",
    "void-soon": "没有打印，一分钟后作废",
    "wait": "请稍候",
    "without": "只显示号码",
}
