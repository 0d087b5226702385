"""`jiaohao flash`: makes boards of a hall out of boards from a box.

board        a board at a serial port: what it is, its files
at_prompt    what a board is told at its prompt
micropython  puts MicroPython on a chip that has none, by esptool
settings     config.json, names of devices, Wi-Fi, the hall's authority
wish         what boards are to become, and what became of each
changes      which files are copied and removed: pure
journal      ratings that a board still has to deliver
work         one board, from the first look until the hub sees it
progress     what is said while several are at it
label        what is stuck on a board, with a QR code
cli          the command
"""
