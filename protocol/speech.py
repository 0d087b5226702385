"""What an announcer says, as numbers of clips: a pure function of ticket number and window. Only announcers load this.

Clip 12 is the file mp3/0012.mp3 on the card of the player. Mandarin first, then English, all of it twice.

A ticket number is spelled: `A012` is A, 零, 一, 二. Window numbers are counted: 12 is 十二, 20 二十, 101 一百零一, 112
一百一十二; 二百 and not 两百, since it is a name and not an amount. Ticket numbers have clips of their own for digits,
so that a hall which says 幺 for 1 there, as on the telephone, records 幺 in the one file of that digit.

Letters are the same clips in both languages. A window may have one letter before its number (`b12`). One that has no
number, or a number above 999, is not spoken: people are asked to look at the screen.
"""

CHIME = 1

PLEASE = 10
HAO = 11
GO_TO = 12
WINDOW = 13
SCREEN = 14
SPELLED = 20
COUNTED = 30
TEN = 40
HUNDRED = 41

LETTER = 51

EN_NUMBER = 80
EN_WINDOW = 81
EN_SCREEN = 82
EN_DIGIT = 90
EN_TEEN = 100
EN_TENS = 110
EN_HUNDRED = 120

LONG = (CHIME, WINDOW, SCREEN, EN_NUMBER, EN_WINDOW, EN_SCREEN)
"""Clips of more than a word."""

WORD_MS = 900
LONG_MS = 3000
"""A clip is at most so long, with the player's pause after it."""

COUNT_MAX = 999


def announcement(number: str, window: str) -> tuple:
    """The clips that call ticket `number` to `window`: at most some 60."""
    spoken = [PLEASE] + _spelled(number, SPELLED) + [HAO]
    english = [EN_NUMBER] + _spelled(number, EN_DIGIT)
    letter = _spelled(window[:1], 0) if window[:1].isalpha() else []
    count = window[len(letter) :]
    if count.isdigit() and int(count) <= COUNT_MAX:
        spoken += [GO_TO] + letter + _chinese(int(count)) + [WINDOW]
        english += [EN_WINDOW] + letter + _english(int(count))
    else:
        spoken.append(SCREEN)
        english.append(EN_SCREEN)
    return tuple([CHIME] + (spoken + english) * 2)


def length_ms(clips: tuple) -> int:
    """The longest that these take. A player that says when it is silent is quicker."""
    return sum(LONG_MS if clip in LONG else WORD_MS for clip in clips)


def _spelled(text: str, digits: int) -> list:
    """Letter by letter, digit by digit; `digits` is the clip of 0. What is neither is left out."""
    said = []
    for character in text.upper():
        if "A" <= character <= "Z":
            said.append(LETTER + ord(character) - 65)
        elif character.isdigit():
            said.append(digits + int(character))
    return said


def _chinese(count: int) -> list:
    hundreds, rest = count // 100, count % 100
    said = [COUNTED + hundreds, HUNDRED] if hundreds else []
    if rest >= 20 or (rest >= 10 and hundreds):
        said.append(COUNTED + rest // 10)
    elif hundreds and 0 < rest < 10:
        said.append(COUNTED)
    if rest >= 10:
        said.append(TEN)
    if rest % 10 or not count:
        said.append(COUNTED + rest % 10)
    return said


def _english(count: int) -> list:
    hundreds, rest = count // 100, count % 100
    said = [EN_DIGIT + hundreds, EN_HUNDRED] if hundreds else []
    if 10 <= rest < 20:
        return said + [EN_TEEN + rest - 10]
    if rest >= 20:
        said.append(EN_TENS + rest // 10)
    if rest % 10 or not count:
        said.append(EN_DIGIT + rest % 10)
    return said


def texts() -> dict:
    """Clip -> what is to be recorded or synthesised."""
    said = {CHIME: "(chime)", PLEASE: "请", HAO: "号", GO_TO: "到", WINDOW: "号窗口", SCREEN: "请看屏幕"}
    said.update({TEN: "十", HUNDRED: "百", EN_NUMBER: "Number", EN_WINDOW: "please go to window"})
    said.update({EN_SCREEN: "please look at the screen", EN_HUNDRED: "hundred"})
    for digit, character in enumerate("零一二三四五六七八九"):
        said[SPELLED + digit] = said[COUNTED + digit] = character
    for place in range(26):
        said[LETTER + place] = chr(65 + place)
    for clip, words in (
        (EN_DIGIT, "zero one two three four five six seven eight nine"),
        (EN_TEEN, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
        (EN_TENS + 2, "twenty thirty forty fifty sixty seventy eighty ninety"),
    ):
        for place, word in enumerate(words.split()):
            said[clip + place] = word
    return said
