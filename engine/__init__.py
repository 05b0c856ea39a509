"""How a network learns: NumPy, no Qt, no threads, no prints."""
