"""The shop's rules: pure functions over plain values, standard library only."""
