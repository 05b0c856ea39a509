"""The layers of a network along a plane: matrices, scales and shifts at the origin and for the two directions.

All of them are linear in the parameters, hence in (1, alpha, beta): what they are at many points is one product. What can be
done once for a plane is put into them: the factors of the activations (see `engine.landscape.kernels`), the centring of a layer
normalisation (mean over units of W^T a + b = that of the matrix's columns), and the running averages of a batch normalisation.

A batch normalisation goes by the running averages of the plane's origin at every point: they are no parameters, and on the way
from one point to another nothing says what they would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.landscape.kernels import Kernel
from engine.landscape.plane import Plane
from engine.network import NetworkSpec
from engine.normalization import EPSILON, NormalizationView

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]


class Affine(NamedTuple):
    """Scale and shift of a normalised layer, at the origin and for the directions, or at some points.

    Attributes
    ----------
    scale, shift : ndarray of shape (3, n_units) or (n_points, n_units, 1)
    over_units : bool
        Whether what they apply to is divided by its root mean square over the units first.
    """

    scale: Array
    shift: Array
    over_units: bool

    def at(self, coefficients: Float64Array, dtype: np.dtype[Any]) -> Affine:
        """Return them at the points of the coefficients (1, alpha, beta), shape (n_points, 3)."""
        scale, shift = ((coefficients @ of_plane)[:, :, None].astype(dtype) for of_plane in (self.scale, self.shift))
        return Affine(scale, shift, self.over_units)

    def apply(self, z: Array) -> None:
        """Normalise pre-activations of shape (n_points, n_units, n_samples), already centred, in place."""
        if self.over_units:
            z *= _reciprocal_size(z)
        z *= self.scale
        z += self.shift


def _reciprocal_size(z: Array) -> Array:
    """Return 1 / sqrt(mean of z^2 over the units + epsilon), shape (n_points, 1, n_samples)."""
    size: Array = np.einsum("pus,pus->ps", z, z)[:, None]
    size /= z.shape[1]
    size += z.dtype.type(EPSILON)
    np.sqrt(size, out=size)
    if z.dtype != np.float64:
        size[np.isinf(size)] = np.nan  # squares beyond float32: without a number here it is taken again in float64
    np.reciprocal(size, out=size)
    return size


@dataclass(frozen=True)
class StackedLayer:
    """One layer along a plane.

    A buffer of its activations holds r with a = gain r + offset.

    Attributes
    ----------
    matrices : ndarray of shape (3, fan_in + 1, fan_out)
        Bias last; they take the buffer of the layer before.
    affine : Affine or None
        Where the layer is normalised.
    kernel : Kernel
    gain, offset : float
    skip_share : float or None
        What the buffer of the layer before is multiplied by where a skip connection adds it.
    off : list of int
        Units that are switched off.
    """

    matrices: Float64Array
    affine: Affine | None
    kernel: Kernel
    gain: float
    offset: float
    skip_share: float | None
    off: list[int]

    def matrices_at(self, coefficients: Float64Array, dtype: np.dtype[Any]) -> Array:
        """Return the matrices at some points, shape (n_points, fan_in + 1, fan_out), a batch normalisation put in.

        Parameters
        ----------
        coefficients : ndarray of shape (n_points, 3)
            (1, alpha, beta).
        """
        _, rows, columns = self.matrices.shape
        matrices = (coefficients @ self.matrices.reshape(3, -1)).reshape(-1, rows, columns)
        if self.affine is not None and not self.affine.over_units:
            matrices *= (coefficients @ self.affine.scale)[:, None]
            matrices[:, -1] += coefficients @ self.affine.shift
        return np.asarray(matrices.astype(dtype))

    def affine_at(self, coefficients: Float64Array, dtype: np.dtype[Any]) -> Affine | None:
        """Return what `matrices_at` could not hold of the normalisation."""
        return self.affine.at(coefficients, dtype) if self.affine is not None and self.affine.over_units else None

    def activate(self, z: Array, affine: Affine | None) -> None:
        """Turn pre-activations into the function of them, in place."""
        if affine is not None:
            affine.apply(z)
        self.kernel.apply(z)

    def complete(self, r: Array, before: Array) -> None:
        """Add the buffer of the layer before where a skip connection does, and hold switched-off units at an activation of 0.

        Parameters
        ----------
        before : ndarray that broadcasts to the shape of `r`
        """
        if self.skip_share is not None:
            r += before if self.skip_share == 1.0 else before * before.dtype.type(self.skip_share)
        if self.off:
            r[:, self.off] = -self.offset / self.gain


def stacked_layers(spec: NetworkSpec, plane: Plane, kernels: Sequence[Kernel]) -> list[StackedLayer]:
    """Return the layers of a network along a plane, the kernels' factors put in."""
    views = [spec.views(vector) for vector in (plane.origin, plane.direction_1, plane.direction_2)]
    layers = []
    gain, offset = 1.0, 0.0  # of what the layer takes: the inputs as they are, at first
    for index, (kernel, of_plane) in enumerate(zip(kernels, zip(*views, strict=True), strict=True)):
        matrices = np.stack([view.matrix for view in of_plane])
        if (gain, offset) != (1.0, 0.0):
            matrices[:, -1] += offset * matrices[:, :-1].sum(axis=1)
            matrices[:, :-1] *= gain
        affine = _centred(matrices, [view.normalization for view in of_plane], kernel.scale)
        if affine is None and kernel.scale != 1.0:
            matrices *= kernel.scale
        skip_share = gain / kernel.gain if spec.skips(index) else None
        gain, offset = kernel.gain, kernel.offset + (offset if spec.skips(index) else 0.0)
        layers.append(StackedLayer(matrices, affine, kernel, gain, offset, skip_share, spec.off(index + 1)))
    return layers


def _centred(matrices: Float64Array, parts: Sequence[NormalizationView | None], factor: float) -> Affine | None:
    """Centre a normalised layer's matrices in place and return its scale and shift, times `factor`; None where it has none."""
    origin = parts[0]
    if origin is None:
        return None
    scale = factor * np.stack([part.scale for part in parts if part is not None])
    shift = factor * np.stack([part.shift for part in parts if part is not None])
    if origin.running_mean is None or origin.running_variance is None:
        matrices -= matrices.mean(axis=2, keepdims=True)
        return Affine(scale, shift, over_units=True)
    matrices[0, -1] -= origin.running_mean
    return Affine(scale / np.sqrt(origin.running_variance + EPSILON), shift, over_units=False)
