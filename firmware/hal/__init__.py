"""Hardware. A `hal` is an object with

    model, reset_cause   texts for the hub
    stopped              whether the main loop should end
    ticks                (ticks_ms, ticks_diff), if the time is another than the interpreter's; may be missing
    prepare(folder, config), start(config)
                         look up and then open what is connected, for the configured role. Raise OSError, ValueError
    take_key()           the number of the oldest press that was not yet taken, or -1
    async pause()        wait a little, less if a key is pressed
    feed()               the main loop is alive: feed the watchdog
    show(effect), leds(values), beep(ms)
    play(clips, done)    play the clips, a tuple of numbers, then call done() from the main loop; of announcers only
    printer              a kiosk's: print(slip, done), `wrong` and `listener`, see drivers/escpos.py
    promised(epoch, seq, level, visit), called(epoch, seq, verb), settled(epoch, seq, reason)
                         what tests of virtual devices want to know; a board ignores them
    heap_free()          bytes
    set_clock(s)         set the clock by which certificates are checked, in seconds since 1970
    log(text)            goes to `listener` too, a function or None
    restart(error)
    glass                the Glass, None if there is none that can be read back
    font                 None, or what has `missing`, a set of the characters that it could not show
    test()               what is wrong with the parts, as far as they tell; or empty

`hal/esp32.py` is a board; only that and `firmware/parts.py` import machine. `hal/pc.py` is a virtual device.
"""
