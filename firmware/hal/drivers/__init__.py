"""Parts of a board. Each gets its bus or pins from outside, so that tests read the bytes on the wires."""
