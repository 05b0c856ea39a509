"""House prices made up by a formula: sales in and around one city, with the correlations that real ones have.

No sale is real. Sizes follow a log-normal distribution and grow a little towards the outskirts; bedrooms follow the size;
distances to the centre follow a gamma distribution; buildings are the older the nearer to the centre.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.examples.shapes import Sample, sample_generator

Array = NDArray[np.float64]

SIZE, BEDROOMS, DISTANCE, AGE = "size (m²)", "bedrooms", "distance to centre (km)", "age (years)"
PRICE = "price (EUR)"

USUAL_SCATTER = 0.1
"""Standard deviation of the logarithm of a price at noise 1: about 10 % of the price."""

_SIZE_LIMITS = (25.0, 300.0)
_DISTANCE_LIMITS = (0.2, 40.0)
_MOST_BEDROOMS = 7


def house_prices(seed: int, n_rows: int, noise: float) -> Sample:
    """Draw house sales: size, bedrooms, distance to the centre and age of the building, and the price in EUR.

    The price is `expected_price` times a log-normal factor of mean 1. `noise` is a multiple of the usual scatter: the logarithm
    of the factor has the standard deviation 0.1 x noise, so that at noise 1 a price is about 10 % off its expectation, at
    noise 0 it is the expectation in whole EUR, and at no noise it is negative.
    """
    generator = sample_generator(seed)
    distance = np.clip(generator.gamma(2.0, 4.5, n_rows), *_DISTANCE_LIMITS).round(1)
    size = np.clip(generator.lognormal(np.log(92.0) + 0.01 * (distance - 9.0), 0.4), *_SIZE_LIMITS).round()
    bedrooms = np.clip((size / 32.0 + generator.normal(0.0, 0.6, n_rows)).round(), 1.0, _MOST_BEDROOMS)
    oldest = 40.0 + 80.0 * np.exp(-distance / 8.0)
    age = (oldest * generator.beta(1.2, 1.8, n_rows)).round()
    inputs = np.column_stack([size, bedrooms, distance, age])
    scatter = USUAL_SCATTER * noise
    factor = np.exp(scatter * generator.standard_normal(n_rows) - scatter**2 / 2.0)
    return Sample(inputs, (expected_price(inputs) * factor).round())


def expected_price(inputs: Array) -> Array:
    """Return what sales bring on average, in EUR.

    price = (2,400 + 4,200 exp(-distance / 8)) size (1 - 0.3 age / (age + 40)) + 9,000 bedrooms + 15,000

    Parameters
    ----------
    inputs : ndarray of shape (n_rows, 4)
        Size in m², bedrooms, distance in km, age in years.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
    """
    size, bedrooms, distance, age = inputs.T
    per_square_metre = 2_400.0 + 4_200.0 * np.exp(-distance / 8.0)
    worn = 1.0 - 0.3 * age / (age + 40.0)
    prices: Array = per_square_metre * size * worn + 9_000.0 * bedrooms + 15_000.0
    return prices
