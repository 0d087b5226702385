"""Hardware. A `hal` is an object with

    model, reset_cause   texts for the hub
    stopped              whether the main loop should end
    start(config)        open glass and keys for the configured role
    take_key()           the number of the oldest press that was not yet taken, or -1
    async pause()        wait a little, less if a key is pressed
    feed()               the main loop is alive: feed the watchdog
    show(effect), leds(values), beep(ms)
    promised(epoch, seq, level, visit), called(epoch, seq, verb), settled(epoch, seq, reason)
                         what tests of virtual devices want to know; a board ignores them
    heap_free()          bytes
    log(text), restart(error)

`hal/esp32.py` is a board; it alone imports machine and network. `hal/pc.py` is a virtual device.
"""
