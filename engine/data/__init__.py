"""From a CSV file to what the network sees: read, understood, prepared, and reported."""
