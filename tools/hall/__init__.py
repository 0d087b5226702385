"""`jiaohao hall`: the hall file, checked here, and applied, compared and taken back at a running hub.

differences   two hall files in words and as a diff: pure
hub           the hub's API with a machine's key, over the standard library: an admin's laptop has no more
cli           the commands
"""
