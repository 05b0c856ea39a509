"""How a file is written: every field of the import specification guessed, each with a reason."""
