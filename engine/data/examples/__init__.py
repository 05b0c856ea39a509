"""Data made here: the built-in examples, and points drawn by hand."""
