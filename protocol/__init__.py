"""What device and hub say to each other. Pure: the same files run on CPython and on MicroPython."""
