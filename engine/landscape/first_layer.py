"""The first layer at many points of a plane: affine in the coordinates, so the data are multiplied by weights only three times.

With z = z0 + alpha z1 + beta z2 a chunk of points is one product of the coefficients (1, alpha, beta) with the stacked z0, z1
and z2. For activations made of an exponential it goes faster still on a grid, because the exponentials separate:
    exp(z) = exp(z0 + alpha z1) * exp(beta z2)
so each is taken once per grid line and not once per point. (Not where the layer is normalised: then z is no longer affine.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.landscape.stacked_layers import StackedLayer

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

LARGEST_EXPONENT = 42.0
"""exp(42) squared still fits float32; with larger exponents the factors could overflow where their product does not."""

TABLE_BYTES = 4 * 2**20
"""Tables of exponentials larger than this leave the cache, and take more than a few milliseconds to make."""


@dataclass(frozen=True)
class PlanePoints:
    """Points of a plane by the grid lines they lie on: alphas[i[k]], betas[j[k]]."""

    alphas: Float64Array
    betas: Float64Array
    i: NDArray[np.intp]
    j: NDArray[np.intp]

    def coefficients(self, part: slice) -> Float64Array:
        """Return (1, alpha, beta) of some of the points, shape (n_points, 3)."""
        alphas, betas = self.alphas[self.i[part]], self.betas[self.j[part]]
        return np.column_stack([np.ones(len(alphas)), alphas, betas])


def plane_points(alphas: Float64Array, betas: Float64Array) -> PlanePoints:
    """Return the points (alphas[k], betas[k]) sorted out by the lines they lie on."""
    alpha_lines, i = np.unique(alphas, return_inverse=True)
    beta_lines, j = np.unique(betas, return_inverse=True)
    return PlanePoints(alpha_lines, beta_lines, i, j)


class FirstLayer:
    """The first layer's activations for some of the samples at given points.

    Parameters
    ----------
    products : ndarray of shape (3, n_units * n_samples)
        Pre-activations for the origin and, without origin, for the two directions.
    layer : StackedLayer
    points : PlanePoints
    """

    def __init__(self, products: Array, layer: StackedLayer, points: PlanePoints) -> None:
        self._products = products
        self._layer = layer
        self._points = points
        self._after_exponential = layer.kernel.after_exponential if layer.affine is None else None
        self._tables = self._exponentials() if self._after_exponential is not None else None

    def write(self, part: slice, flat: Array, z: Array) -> None:
        """Write the activations of some of the points.

        Parameters
        ----------
        flat, z : ndarray of shape (n_points, n_units * n_samples), (n_points, n_units, n_samples)
            Two views of the same memory.
        """
        if self._tables is None or self._after_exponential is None:
            coefficients, affine = self._points.coefficients(part), self._layer.affine
            np.matmul(coefficients.astype(flat.dtype), self._products, out=flat)
            self._layer.activate(z, affine.at(coefficients, flat.dtype) if affine is not None else None)
            return
        along_alpha, along_beta = self._tables
        np.multiply(along_alpha[self._points.i[part]], along_beta[self._points.j[part]], out=flat)
        self._after_exponential(z)

    def _exponentials(self) -> tuple[Array, Array] | None:
        """Return exp(z0 + alpha z1) and exp(beta z2) per grid line, or None where they would not pay or not fit."""
        alphas, betas = (lines.astype(self._products.dtype)[:, None] for lines in (self._points.alphas, self._points.betas))
        most_lines = max(len(alphas), len(betas))
        pays = 2 * (len(alphas) + len(betas)) <= len(self._points.i)
        if not pays or most_lines * self._products[0].nbytes > TABLE_BYTES:
            return None
        tables = self._products[0] + alphas * self._products[1], betas * self._products[2]
        if not all(np.abs(table).max() <= LARGEST_EXPONENT for table in tables):
            return None
        for table in tables:
            np.exp(table, out=table)
        return tables
