"""LEDs on pins, and a buzzer on a pin with PWM."""

BEEP_HZ = 2300
"""Where small piezo buzzers are loudest."""

HALF_DUTY = 32_768  # of 65,536: loudest


class Leds:
    """One pin per LED, lit when high."""

    def __init__(self, pins):
        self._pins = pins

    def show(self, values) -> None:
        for pin, value in zip(self._pins, values):
            pin.value(value)


class Buzzer:
    """`pwm` is a PWM at BEEP_HZ with no duty; `tick` ends a beep, so that nothing waits for it."""

    def __init__(self, pwm):
        self._pwm = pwm
        self._until_ms = None

    def beep(self, now_ms: int, ms: int) -> None:
        self._until_ms = now_ms + ms
        self._pwm.duty_u16(HALF_DUTY)

    def tick(self, now_ms: int) -> None:
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._until_ms = None
            self._pwm.duty_u16(0)
