"""Speed, measured side by side with others in one run. Each module prints a table; `--json FILE` also writes the figures."""
