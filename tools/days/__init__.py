"""Days of a hall: made from a seed or taken from a log, played through the real rules, measured and compared."""
