"""The far side of the exchange with a province, to try a hall against."""
