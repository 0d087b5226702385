"""`jiaohao hall`: the hall file, checked here, and applied, compared and taken back at a running hub.

differences   two hall files in words and as a diff: pure
hub           the hub's versions of the hall
cli           the commands
"""
