"""Benchmarks: what a press costs, on this machine, beside what nothing can be cheaper than, in the same run."""
