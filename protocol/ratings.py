"""The five levels of the good/bad rating (好差评) and how pads with fewer keys map onto them.

Designed after the State Council opinion 国办发〔2019〕51号: 5 is very satisfied, 1 very dissatisfied;
the last two are bad ratings.
"""

LEVELS = (5, 4, 3, 2, 1)
"""From very satisfied (非常满意) to very dissatisfied (非常不满意)."""

BAD = (2, 1)
"""Bad ratings (差评)."""

KEYS = {
    2: (4, 2),
    3: (5, 3, 1),
    4: (5, 4, 2, 1),
    5: (5, 4, 3, 2, 1),
}
"""Number of keys of a pad -> the level of each key, from left to right."""


def level_of_key(keys: int, key: int) -> int:
    """The level of the key numbered `key`, from 0 at the left, on a pad with `keys` keys (2 to 5)."""
    return KEYS[keys][key]
