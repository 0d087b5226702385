"""What is said aloud, read back as text."""

from protocol import speech


def said(number, window):
    """The Mandarin and the English half of an announcement."""
    words = speech.texts()
    clips = list(speech.announcement(number, window))
    assert clips.pop(0) == speech.CHIME
    once = clips[: len(clips) // 2]
    assert clips == once * 2
    begins = once.index(speech.EN_NUMBER)
    return "".join(words[clip] for clip in once[:begins]), " ".join(words[clip] for clip in once[begins:])


def test_a_ticket_number_is_spelled_and_a_window_is_counted():
    assert said("A012", "3") == ("请A零一二号到三号窗口", "Number A zero one two please go to window three")
    assert said("110", "1") == ("请一一零号到一号窗口", "Number one one zero please go to window one")


def test_windows_of_two_and_three_digits():
    for window, chinese, english in (
        ("0", "零", "zero"),
        ("03", "三", "three"),
        ("10", "十", "ten"),
        ("12", "十二", "twelve"),
        ("20", "二十", "twenty"),
        ("35", "三十五", "thirty five"),
        ("100", "一百", "one hundred"),
        ("101", "一百零一", "one hundred one"),
        ("110", "一百一十", "one hundred ten"),
        ("112", "一百一十二", "one hundred twelve"),
        ("222", "二百二十二", "two hundred twenty two"),
        ("999", "九百九十九", "nine hundred ninety nine"),
        ("b12", "B十二", "B twelve"),
    ):
        spoken, foreign = said("B1", window)
        assert spoken == "请B一号到" + chinese + "号窗口"
        assert foreign == "Number B one please go to window " + english


def test_a_window_without_a_number_is_on_the_screen():
    for window in ("mobile", "1000", "a", "vip-1", "3-4"):
        assert said("A1", window) == ("请A一号请看屏幕", "Number A one please look at the screen")


def test_every_clip_that_may_be_said_has_a_text_and_every_text_may_be_said():
    used = set(speech.announcement("A1", "mobile"))
    for letter in range(26):
        used.update(speech.announcement(chr(65 + letter) + "0123456789", "1"))
    for window in range(1000):
        used.update(speech.announcement("A1", str(window)))
    assert used == set(speech.texts())


def test_an_announcement_takes_some_time():
    clips = speech.announcement("A012", "3")
    assert 15_000 < speech.length_ms(clips) < 45_000
    assert speech.length_ms((speech.CHIME, speech.PLEASE)) == speech.LONG_MS + speech.WORD_MS
