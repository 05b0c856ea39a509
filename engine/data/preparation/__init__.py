"""From columns to what the network sees: split, scaled, encoded; every constant from the training rows only."""
