"""The hall's rules: pure, without I/O, clock, chance or logging.

    deciding.decide(state, command, now) -> events, or a Refusal with its reason
    applying.apply(state, seq, at_ms, event) -> state

The state is what the events say: a restart, an audit and a simulation replay the same log.
"""
