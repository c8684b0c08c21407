"""How much two pictures are the same one: their thumbnails are laid on each other, cropped and lightened as needed.

The similarity means the same for every pair, so that one threshold serves all. About 0.99 is the picture saved again or
resized; 0.92 to 0.97 one of which five per cent were cut off on every side; below 0.85 lie pictures of the same thing.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

__all__ = ["SmallPictures", "aligned_similarities", "small_pictures"]

_SIDE = 64  # pixels at which thumbnails are compared, stretched to a square
_COLOUR_SIDE = 8
_STEPS = {16: 6, 32: 4, 64: 2}  # Gauss-Newton steps at each side of the pyramid, coarse to fine
_LEAST_SCALE = 0.75  # of one side: what is left after the strongest crop that is looked for
_HOPELESS = {16: 0.6, 32: 0.8}  # correlations, after the steps at these sides, below which no copy lies

_WINDOW = 8  # side of the windows in which structure is compared
_NOISE = 20.0  # squared grey levels, beside which a difference in a window is small
_STRICTNESS = 4.0  # how much a difference counts, as a share of what there is to see
_ENOUGH = 24.0  # grey levels: a window of more contrast counts no more, so that a frame does not outweigh what is in it

_TOLERANCE = 0.012  # of a side, by which a crop may seem to reach over the border
_ASPECT_TOLERANCE = 0.02
_CROPPED, _CROPPED_WITHOUT_SHRINKING = 0.2, 2.0  # what is taken off for each part that is cut off
_FREE_COLOUR = 10.0  # levels of mean difference in colour that nothing is taken off for
_BATCH = 64  # pairs at a time: what they need stays in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPictures:
    """Thumbnails, ready to be compared.

    Attributes
    ----------
    greys : ndarray, shape (n, 64, 64), uint8
    coarse : ndarray, shape (n, 16, 16), float32
        The grey pictures again, blurred and reduced.
    colours : ndarray, shape (n, 8, 8, 2), uint8
        Cb and Cr.
    known : ndarray, shape (n,), bool
        Whether there is a thumbnail at all.
    """

    greys: np.ndarray
    coarse: np.ndarray
    colours: np.ndarray
    known: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["SmallPictures"]) -> "SmallPictures":
        """Return all of several as one."""
        parts = [small_pictures([]), *parts]
        return cls(
            greys=np.concatenate([part.greys for part in parts]),
            coarse=np.concatenate([part.coarse for part in parts]),
            colours=np.concatenate([part.colours for part in parts]),
            known=np.concatenate([part.known for part in parts]),
        )


def small_pictures(thumbnails: Sequence[bytes | None]) -> SmallPictures:
    """Decode thumbnails and stretch them to small squares.

    Parameters
    ----------
    thumbnails : sequence of (bytes or None), length n
        JPEG. What is None or damaged is like nothing.

    Returns
    -------
    SmallPictures
    """
    n = len(thumbnails)
    greys = np.zeros((n, _SIDE, _SIDE), dtype=np.uint8)
    colours = np.zeros((n, _COLOUR_SIDE, _COLOUR_SIDE, 2), dtype=np.uint8)
    known = np.zeros(n, dtype=bool)
    for place, thumbnail in enumerate(thumbnails):
        if thumbnail is None:
            continue
        try:
            with Image.open(io.BytesIO(thumbnail), formats=["JPEG"]) as image:
                small = image.convert("YCbCr").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        except OSError:
            continue
        greys[place] = np.asarray(small)[..., 0]
        colours[place] = np.asarray(small.resize((_COLOUR_SIDE,) * 2, Image.Resampling.BOX))[..., 1:]
        known[place] = True
    coarse = np.empty((n, _SIDE // 4, _SIDE // 4), dtype=np.float32)
    for start in range(0, n, _BATCH):
        rows = slice(start, start + _BATCH)
        coarse[rows] = _halved(_halved(_blurred(greys[rows].astype(np.float32))))
    return SmallPictures(greys=greys, coarse=coarse, colours=colours, known=known)


def aligned_similarities(
    pictures: SmallPictures, sizes: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Say of each pair of pictures how much they are the same one.

    The second is laid on the first by the rectangle of it that it shows, found by least squares over scale and shift in
    either direction, contrast and brightness (Lucas & Kanade, 1981; the contrast as in Evangelidis & Psarakis, 2008),
    from coarse to fine. A crop shows a part: one rectangle has to lie within the other, and the sizes of the two
    files have to agree with it. Then structure is compared in windows of 8 x 8 pixels (in the spirit of the structural
    similarity of Wang, Bovik, Sheikh & Simoncelli, 2004): the squared difference beyond what blurring would bring, as a
    share of what there is to see. The windows are weighted by that, up to a limit: on white paper the white does not
    count, and the frame that all slides have does not outweigh what is in it. From the result is taken off: a fifth of
    the share that is cut off (twice the share where a part has exactly as many pixels as the whole: such are mostly
    two drawings, or two shots), a difference in colour, and one in brightness beyond what an edit would bring.

    What has hardly any structure cannot be told apart: one disc on white is the crop of another.

    Parameters
    ----------
    pictures : SmallPictures
    sizes : ndarray of int, shape (n, 2)
        Width and height of each whole picture.
    first, second : ndarray of int, shape (n_pairs,)

    Returns
    -------
    ndarray, shape (n_pairs,), float32
        In [0, 1): 1 is left to what is known to be the same.

    References
    ----------
    B. D. Lucas, T. Kanade, An iterative image registration technique, IJCAI 1981.
    G. D. Evangelidis, E. Z. Psarakis, Parametric image alignment using enhanced correlation coefficient
    maximization, TPAMI 30, 2008.
    Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, Image quality assessment: from error visibility to
    structural similarity, TIP 13, 2004.
    """
    found = np.zeros(len(first), dtype=np.float32)
    todo = np.flatnonzero(pictures.known[first] & pictures.known[second])
    for start in range(0, len(todo), _BATCH):
        pairs = todo[start : start + _BATCH]
        boxes, hopeful = _refined(pictures.coarse[first[pairs]], pictures.coarse[second[pairs]], _whole(len(pairs)))
        pairs, boxes = pairs[hopeful], boxes[hopeful]
        if pairs.size:
            found[pairs] = _similarities(pictures, sizes.astype(np.float64), first[pairs], second[pairs], boxes)
    return found


def _similarities(
    pictures: SmallPictures, sizes: np.ndarray, first: np.ndarray, second: np.ndarray, boxes: np.ndarray
) -> np.ndarray:
    """Return the similarities of pairs that are roughly laid on each other by the boxes."""
    # Resampling blurs as well; now all are blurred.
    a, b = (_blurred(pictures.greys[images].astype(np.float32)) for images in (first, second))
    boxes, hopeful = _refined(_halved(a), _halved(b), boxes)
    found = np.zeros(len(first))
    left = np.flatnonzero(hopeful)
    if left.size:
        a, b, first, second = a[left], b[left], first[left], second[left]
        boxes, _ = _refined(a, b, boxes[left])
        similarity, brightness = _structure(a, b, boxes)
        similarity *= _fit_of_crop(boxes, sizes[first], sizes[second])
        colour = _colour_difference(pictures.colours[first], pictures.colours[second], boxes)
        found[left] = similarity - np.maximum(0.0, colour - _FREE_COLOUR) / 100.0 - brightness
    return np.clip(np.nan_to_num(found), 0.0, 0.9999)


def _blurred(pictures: np.ndarray) -> np.ndarray:
    """Return the pictures after a binomial filter of three pixels in either direction."""
    for axis in (1, 2):
        first, last = np.take(pictures, [0], axis=axis), np.take(pictures, [-1], axis=axis)
        wide = np.concatenate([first, pictures, last], axis=axis).swapaxes(1, axis)
        pictures = ((wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4).swapaxes(1, axis)
    return np.ascontiguousarray(pictures)


def _halved(pictures: np.ndarray) -> np.ndarray:
    return (pictures[:, ::2, ::2] + pictures[:, 1::2, ::2] + pictures[:, ::2, 1::2] + pictures[:, 1::2, 1::2]) / 4


def _whole(n: int) -> np.ndarray:
    """Return boxes that show the whole of n pictures."""
    return np.tile([1.0, 0.0, 1.0, 0.0], (n, 1))


def _refined(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find more exactly which rectangle of ``a`` each of ``b`` shows.

    Parameters
    ----------
    a, b : ndarray, shape (p, side, side), float32
    boxes : ndarray, shape (p, 4)
        Scale and shift across, then down: the point u of b, in [-1/2, 1/2], is the point scale * u + shift of a.

    Returns
    -------
    boxes : ndarray, shape (p, 4)
    hopeful : ndarray, shape (p,), bool
        Those that may still turn out to be copies.
    """
    side = a.shape[1]
    a, b = (pictures - pictures.mean(axis=(1, 2), keepdims=True) for pictures in (a, b))
    for _ in range(_STEPS[side]):
        boxes = boxes + np.clip(np.nan_to_num(_step(a, b, boxes)), -0.1, 0.1)
        boxes[:, ::2] = np.clip(boxes[:, ::2], _LEAST_SCALE, 1 / _LEAST_SCALE)
        boxes[:, 1::2] = np.clip(boxes[:, 1::2], -(1 - _LEAST_SCALE) / 2, (1 - _LEAST_SCALE) / 2)
    if side not in _HOPELESS:
        return boxes, np.ones(len(a), dtype=bool)
    return boxes, _correlation(a, b, boxes) >= _HOPELESS[side]


def _step(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return by how much the boxes should change: one Gauss-Newton step on boxes, contrast and brightness together."""
    p, side, _ = a.shape
    u = _positions(side)
    seen, mask = _seen(a, boxes)
    across, down = np.zeros_like(seen), np.zeros_like(seen)
    across[:, :, 1:-1] = (seen[:, :, 2:] - seen[:, :, :-2]) * (side / 2)
    down[:, 1:-1] = (seen[:, 2:] - seen[:, :-2]) * (side / 2)
    across /= boxes[:, 0, None, None].astype(np.float32)
    down /= boxes[:, 2, None, None].astype(np.float32)
    columns = np.stack([across * u, across, down * u[:, None], down, seen, np.ones_like(seen)], axis=1)
    columns = (columns * mask[:, None]).reshape(p, 6, -1)
    matrix = (columns @ columns.transpose(0, 2, 1)).astype(np.float64)
    wanted = (columns @ b.reshape(p, -1, 1)).astype(np.float64)
    diagonal = np.einsum("pii->pi", matrix)  # a view: where nothing tells the direction, stay
    diagonal += 1e-3 * diagonal + 1e-6
    solved = np.linalg.solve(matrix, wanted)[:, :, 0]
    contrast = np.maximum(solved[:, 4:5], 0.2)
    return solved[:, :4] / contrast


def _positions(side: int) -> np.ndarray:
    return ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)


def _seen(a: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what the boxes show of the pictures, and a mask that is 0 where they reach beyond the border."""
    side = a.shape[1]
    across, across_inside = _interpolation(boxes[:, 0], boxes[:, 1], side)
    down, down_inside = _interpolation(boxes[:, 2], boxes[:, 3], side)
    mask = down_inside[:, :, None] & across_inside[:, None, :]
    return down @ a @ across.transpose(0, 2, 1), mask.astype(np.float32)


def _interpolation(scale: np.ndarray, shift: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices (p, side, side) of linear interpolation along one direction, and which points are inside."""
    places = (scale[:, None] * _positions(side) + shift[:, None] + 0.5) * side - 0.5
    inside = (places > -0.501) & (places < side - 0.499)
    places = np.clip(places, 0, side - 1)[:, :, None]
    return np.maximum(0.0, 1.0 - np.abs(places - np.arange(side))).astype(np.float32), inside


def _correlation(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the correlation where the two lie on each other; 1 where both are flat."""
    seen, mask = _seen(a, boxes)
    seen, b = _standing_out(seen, mask)[0], _standing_out(b, mask)[0]
    product, lengths = (seen * b).sum(axis=(1, 2)), (seen**2).sum(axis=(1, 2)) * (b**2).sum(axis=(1, 2))
    noise = _NOISE / 2 * mask.sum(axis=(1, 2))
    return (product + noise) / (np.sqrt(lengths) + noise)


def _standing_out(pictures: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures without their means within the mask, 0 outside of it, and the means."""
    means = (pictures * mask).sum(axis=(1, 2)) / np.maximum(mask.sum(axis=(1, 2)), 1)
    return (pictures - means[:, None, None]) * mask, means


def _structure(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much the structure agrees, at most 1, and what to take off for the difference in brightness."""
    seen, mask = _seen(a, boxes)
    # What blurring once more takes away of a picture is about what resizing and compressing it may change.
    detail_a, detail_b = (seen - _blurred(seen)) ** 2 * mask, (b - _blurred(b)) ** 2 * mask
    (seen, mean_a), (b, mean_b) = _standing_out(seen, mask), _standing_out(b, mask)
    n_pixels = np.maximum(mask.sum(axis=(1, 2)), 1)
    variance_a, variance_b = (seen**2).sum(axis=(1, 2)) / n_pixels, (b**2).sum(axis=(1, 2)) / n_pixels
    gain = np.clip(np.sqrt((variance_b + 1) / (variance_a + 1)), 0.5, 2.0)[:, None, None]
    seen = seen * gain
    n = _windows(mask)
    counts = n >= _WINDOW**2 / 2
    n = np.maximum(n, 1)
    shifted = ((_windows(seen) - _windows(b)) / n) ** 2
    own_a = np.maximum(_windows(seen**2) / n - (_windows(seen) / n) ** 2, 0)
    own_b = np.maximum(_windows(b**2) / n - (_windows(b) / n) ** 2, 0)
    allowed = np.maximum(_windows(detail_a) * gain**2, _windows(detail_b)) / n
    different = np.maximum(_windows((seen - b) ** 2) / n - allowed, 0)
    agreement = np.maximum(0, 1 - _STRICTNESS * different / (own_a + own_b + shifted + _NOISE))
    contrast = np.sqrt(np.maximum(own_a, own_b) + shifted)
    weights = np.where(counts, np.minimum(contrast, _ENOUGH) + 0.1, 0.0)
    similarity = (agreement * weights).sum(axis=(1, 2)) / np.maximum(weights.sum(axis=(1, 2)), 1e-6)
    usual = 3.0 + np.minimum(0.5 * np.sqrt(variance_b), 40.0)
    return similarity, np.maximum(0.0, np.abs(mean_a - mean_b) - usual) / 64.0


def _colour_difference(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the mean difference in Cb and that in Cr, added, where the two lie on each other."""
    total = np.zeros(len(a))
    for plane in range(a.shape[3]):
        seen, mask = _seen(a[..., plane], boxes)
        difference = np.abs(seen - b[..., plane]) * mask
        total += difference.sum(axis=(1, 2)) / np.maximum(mask.sum(axis=(1, 2)), 1)
    return total


def _windows(pictures: np.ndarray) -> np.ndarray:
    n = _SIDE // _WINDOW
    return pictures.reshape(-1, n, _WINDOW, n, _WINDOW).sum(axis=(2, 4), dtype=np.float64)


def _fit_of_crop(boxes: np.ndarray, sizes_a: np.ndarray, sizes_b: np.ndarray) -> np.ndarray:
    """Return by what factor a box lowers the similarity: 0 where no crop leads from one picture to the other."""
    scale, shift = boxes[:, ::2], boxes[:, 1::2]
    margins = np.concatenate([shift - scale / 2 + 0.5, 0.5 - shift - scale / 2], axis=1)  # of b within a
    is_crop = (margins > -_TOLERANCE).all(axis=1) | (margins < _TOLERANCE).all(axis=1)
    expected = sizes_a * scale
    stretched = np.abs(np.log(expected[:, 0] * sizes_b[:, 1] / (expected[:, 1] * sizes_b[:, 0])))
    rounding = 1.5 / np.minimum(sizes_a.min(axis=1), sizes_b.min(axis=1))
    area = scale.prod(axis=1)
    cut = np.maximum(0.0, 1 - np.minimum(area, 1 / area) - 0.01)
    rate = np.where((sizes_a == sizes_b).all(axis=1), _CROPPED_WITHOUT_SHRINKING, _CROPPED)
    factor = np.maximum(0.0, 1 - rate * cut)
    return np.where(is_crop & (stretched < _ASPECT_TOLERANCE + rounding), factor, 0.0)
