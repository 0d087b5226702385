"""`jiaohao fleet`: the devices of a running hub, looked after from a terminal.

shown   how a device is, in words and as tables: pure
cli     the commands
"""
