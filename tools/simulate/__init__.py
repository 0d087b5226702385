"""`jiaohao simulate`: the real device and hub code in virtual time, against models worse than the real world.

One seed is one run, which is the same each time. See docs/simulation.md.
"""
