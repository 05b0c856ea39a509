"""The parts of the import dialog, one idea per file."""
