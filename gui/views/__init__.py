"""The pictures, one per file. A view draws what it is given and computes no learning mathematics."""
