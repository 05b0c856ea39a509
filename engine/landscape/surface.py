"""The loss of a network at many points of a plane, computed many points at a time.

At a point (alpha, beta) every layer's matrix is M0 + alpha M1 + beta M2. A chunk of points makes a stack of networks, and a
layer of all of them is one product of stacks. The first layer's products with the data do not depend on the point: they are
taken three times in all, and the first layer of a whole chunk is then one product of the coefficients (1, alpha, beta) with
them.

The networks are those of evaluation. Batch normalisation goes by the running averages of the plane's origin everywhere, so
the loss at the origin is the true one, and that at another point of the path may differ from the loss there with its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.landscape.cost import chunk_shape, rows_per_product
from engine.landscape.first_layer import FirstLayer, PlanePoints, plane_points
from engine.landscape.kernels import kernels_for
from engine.landscape.loss_kernels import LossSums, loss_sums_for
from engine.landscape.plane import Plane
from engine.landscape.stacked_layers import Affine, stacked_layers
from engine.network import NetworkSpec, without

Array = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]

COARSEST_GRID = 9


class SurfaceCancelled(Exception):
    """The caller no longer wants the surface."""


class Surface(NamedTuple):
    """Losses on a grid: losses[i, j] at alphas[i], betas[j]; non-finite where the loss is."""

    alphas: Float64Array
    betas: Float64Array
    losses: Float64Array


@dataclass
class _RowBlock:
    """Some of the samples.

    Attributes
    ----------
    products : ndarray of shape (3, n_units * n_samples)
        Of the first layer with origin and directions.
    inputs : ndarray of shape (n_inputs, n_samples)
        For a skip connection from the inputs; empty where there is none.
    n_samples : int
    loss_sums : callable
    """

    products: Array
    inputs: Array
    n_samples: int
    loss_sums: LossSums


class SurfaceEvaluator:
    """Computes losses at points of one plane, for one network and one set of samples.

    Parameters
    ----------
    spec : NetworkSpec
    plane : Plane
    X : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples)
    dtype : {float32, float64}
        float64 uses the engine's own formulas; float32 fast ones. What overflows in float32 is taken again in float64, so a
        loss is non-finite only where the training's own arithmetic would be.
    """

    def __init__(self, spec: NetworkSpec, plane: Plane, X: Array, targets: Array, dtype: DTypeLike = np.float32) -> None:
        X = without(X, spec.off(0))
        self._arguments = (spec, plane, X, targets)
        self._spec = spec
        self._dtype = np.dtype(dtype)
        self._n_samples = X.shape[1]
        with np.errstate(all="ignore"):
            self._layers = stacked_layers(spec, plane, kernels_for(spec, self._dtype))
        self._points_per_chunk, self._rows_per_block = chunk_shape(spec, self._n_samples, self._dtype)
        self._blocks: list[_RowBlock] = []
        self._buffers: dict[int, list[Array]] = {}

    def losses_at(self, alphas: Float64Array, betas: Float64Array, losses: Float64Array) -> Iterator[None]:
        """Fill `losses` with the mean losses at the points (alphas[k], betas[k]), pausing after every few milliseconds of work.

        Every `next` does one piece of the work; the losses are there when the iterator ends.
        """
        if not self._blocks:
            yield from self._prepare()
        points = plane_points(alphas, betas)
        first_layers = []
        for block in self._blocks:
            first_layers.append(self._first_layer(block, points))
            yield
        for start in range(0, len(alphas), self._points_per_chunk):
            part = slice(start, start + self._points_per_chunk)
            later = self._later_layers(points.coefficients(part))
            sums = np.zeros(len(alphas[part]))
            for block, first_layer in zip(self._blocks, first_layers, strict=True):
                sums += self._block_sums(block, first_layer, part, later, len(sums))
                yield
            losses[part] = sums / self._n_samples
        if self._dtype != np.float64:
            yield from self._repeat_where_not_finite(alphas, betas, losses)

    def _prepare(self) -> Iterator[None]:
        """Take the first layer's products with the data, some rows at a time."""
        _, _, X, targets = self._arguments
        first = self._layers[0]
        step = rows_per_product(first.matrices.size)
        n_units = self._spec.sizes[1]
        for start in range(0, self._n_samples, self._rows_per_block):
            stop = min(start + self._rows_per_block, self._n_samples)
            products = np.empty((3, n_units, stop - start), dtype=self._dtype)
            for row in range(start, stop, step):
                part = slice(row, min(row + step, stop))
                products[:, :, part.start - start : part.stop - start] = self._products(first.matrices, X[:, part])
                yield
            inputs = X[: 0 if first.skip_share is None else None, start:stop].astype(self._dtype)
            loss_sums = loss_sums_for(self._spec, targets[:, start:stop].astype(self._dtype))
            self._blocks.append(_RowBlock(products.reshape(3, -1), inputs, stop - start, loss_sums))

    @np.errstate(all="ignore")
    def _products(self, stack: Float64Array, X: Array) -> Array:
        return np.asarray(stack[:, :-1].swapaxes(1, 2) @ X + stack[:, -1][:, :, None]).astype(self._dtype)

    @np.errstate(all="ignore")
    def _first_layer(self, block: _RowBlock, points: PlanePoints) -> FirstLayer:
        return FirstLayer(block.products, self._layers[0], points)

    @np.errstate(all="ignore")
    def _later_layers(self, coefficients: Float64Array) -> list[tuple[Array, Affine | None]]:
        """Return matrices, and what they leave of the normalisation, of every layer but the first at some points."""
        return [
            (layer.matrices_at(coefficients, self._dtype), layer.affine_at(coefficients, self._dtype))
            for layer in self._layers[1:]
        ]

    @np.errstate(all="ignore")
    def _block_sums(
        self, block: _RowBlock, first_layer: FirstLayer, part: slice, later: list[tuple[Array, Affine | None]], n: int
    ) -> Float64Array:
        """Return the sums of the loss over a block's samples, one for each of the `n` points of a part."""
        buffers = [buffer[:n] for buffer in self._buffers_for(block.n_samples)]
        z = buffers[0][:, : self._spec.sizes[1]]
        first_layer.write(part, buffers[0].reshape(n, -1)[:, : block.products.shape[1]], z)
        self._layers[0].complete(z, block.inputs)
        for index, (layer, (matrices, affine)) in enumerate(zip(self._layers[1:], later, strict=True), start=1):
            before, z = z, buffers[index][:, : self._spec.sizes[index + 1]]
            np.matmul(matrices.swapaxes(1, 2), buffers[index - 1], out=z)
            layer.activate(z, affine)
            layer.complete(z, before)
        last = self._layers[-1]
        if (last.gain, last.offset) != (1.0, 0.0):
            z *= last.gain
            z += last.offset
        return block.loss_sums(z)

    def _buffers_for(self, n_samples: int) -> list[Array]:
        """Return one buffer per layer, each but the last with a row of ones that multiplies the next layer's bias."""
        if n_samples not in self._buffers:
            rows = [units + 1 for units in self._spec.sizes[1:-1]] + [self._spec.n_outputs]
            shapes = [(self._points_per_chunk, units, n_samples) for units in rows]
            self._buffers[n_samples] = [np.ones(shape, dtype=self._dtype) for shape in shapes]
        return self._buffers[n_samples]

    def _repeat_where_not_finite(self, alphas: Float64Array, betas: Float64Array, losses: Float64Array) -> Iterator[None]:
        again = np.flatnonzero(~np.isfinite(losses))
        if again.size == 0:
            return
        exact = np.empty(again.size)
        yield from SurfaceEvaluator(*self._arguments, dtype=np.float64).losses_at(alphas[again], betas[again], exact)
        losses[again] = exact


def evaluate_surface(
    spec: NetworkSpec,
    plane: Plane,
    X: Array,
    targets: Array,
    alphas: Float64Array,
    betas: Float64Array,
    *,
    dtype: DTypeLike = np.float32,
    cancelled: Callable[[], bool] | None = None,
) -> Float64Array:
    """Return the mean losses, without penalty, at every pair of `alphas` and `betas`.

    Parameters
    ----------
    X : ndarray of shape (n_inputs, n_samples)
    targets : ndarray of shape (n_outputs, n_samples)
    alphas : ndarray of shape (n_alphas,)
    betas : ndarray of shape (n_betas,)
    cancelled : callable, optional
        Asked after every few milliseconds of work.

    Returns
    -------
    ndarray of float64, shape (n_alphas, n_betas)

    Raises
    ------
    SurfaceCancelled
        When `cancelled` returned True.
    """
    evaluator = SurfaceEvaluator(spec, plane, X, targets, dtype)
    losses = np.empty((len(alphas), len(betas)))
    grid_alphas, grid_betas = np.meshgrid(np.asarray(alphas, float), np.asarray(betas, float), indexing="ij")
    for _ in evaluator.losses_at(grid_alphas.ravel(), grid_betas.ravel(), losses.reshape(-1)):
        if cancelled is not None and cancelled():
            raise SurfaceCancelled
    return losses


def progressive(evaluator: SurfaceEvaluator, alphas: Float64Array, betas: Float64Array) -> Iterator[Surface | None]:
    """Compute a surface coarse first: 9 points per side, then 17, 33, ...; every level adds only new points.

    Parameters
    ----------
    alphas, betas : ndarray of shape (grid,)
        The finest axes; grid - 1 must be 8 times a power of two.

    Yields
    ------
    Surface or None
        A whole surface whenever a level is complete; None after every few milliseconds of work in between, where the caller may
        pause, serve something else or give up.

    Raises
    ------
    ValueError
        When the axes have another length.
    """
    finest = len(alphas)
    losses = np.full((finest, finest), np.nan)
    known = np.zeros(losses.shape, dtype=bool)
    for grid in grid_levels(finest):
        coarse = np.arange(0, finest, (finest - 1) // (grid - 1))
        wanted = np.zeros_like(known)
        wanted[np.ix_(coarse, coarse)] = True
        i, j = np.nonzero(wanted & ~known)
        values = np.empty(i.size)
        for _ in evaluator.losses_at(alphas[i], betas[j], values):
            yield None
        losses[i, j] = values
        known |= wanted
        yield Surface(alphas[coarse], betas[coarse], losses[np.ix_(coarse, coarse)])


def grid_levels(finest: int) -> tuple[int, ...]:
    """Return the grids from 9 points per side to `finest`, each with half the spacing of the one before.

    Raises
    ------
    ValueError
        When `finest` is not 9, 17, 33, 65, ...
    """
    grids = [COARSEST_GRID]
    while grids[-1] < finest:
        grids.append(2 * grids[-1] - 1)
    if grids[-1] != finest:
        raise ValueError(f"A surface of {finest} points per side can't be refined step by step; use 9, 17, 33, 65 or 129.")
    return tuple(grids)
