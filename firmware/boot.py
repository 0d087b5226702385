"""A board runs this before main.py. It does nothing, and is never updated over the air: a board that reaches its REPL
can always be repaired."""
