"""What the tool bar offers: speeds, learning rates and batch sizes."""

from __future__ import annotations

SPEEDS: tuple[float | None, ...] = (1, 2, 3, 5, 10, 20, 30, 60, 100, 200, 300, 600, 1000, 2000, 5000, None)
"""Steps per second the speed slider offers; None is full speed."""

LEARNING_RATES: tuple[float, ...] = (*(m * 10.0**e for e in range(-5, 1) for m in (1, 1.5, 2, 3, 5, 7)), 10.0)
"""Learning rates the slider stops at; any other can be typed."""

BATCH_SIZES: tuple[int | str, ...] = (1, 8, 10, 32, 64, 128, "full")
