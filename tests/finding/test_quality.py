from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imgcluster.extractors.looks import Looks, parse_looks
from imgcluster.finding.quality import quality_flags
from imgcluster.pictures.drawings import FAMILIES, draw

LOOKS = Looks()
KINDS = ("blurred", "dark", "bright", "flat", "small", "odd_shape")


def scene(rng, size=None):
    """Draw something like a photograph: soft colours, some shapes with edges, a little noise."""
    size = size or tuple(int(side) for side in rng.integers(220, 400, 2))
    soft = Image.fromarray(rng.integers(30, 226, (4, 5, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    for _ in range(3):
        shape = draw(str(rng.choice(list(FAMILIES))), rng).convert("L").resize(size)
        colour = tuple(int(level) for level in rng.integers(0, 256, 3))
        soft.paste(colour, mask=shape.point(lambda level: 255 - level))
    noise = rng.normal(0, 3, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(soft) + noise, 0, 255).astype(np.uint8))


def flawed(kind, image, rng):
    share = rng.uniform(0.05, 0.25)
    width, height = image.size
    if kind == "blurred":
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(2, 5)))
    if kind == "dark":
        return image.point(lambda level: level * share)
    if kind == "bright":
        return image.point(lambda level: 255 - (255 - level) * share)
    if kind == "flat":
        grey = np.clip(rng.normal(rng.integers(110, 150), 2, (height, width, 3)), 0, 255)
        return Image.fromarray(grey.astype(np.uint8))
    if kind == "small":
        return image.resize((int(width * share), int(height * share)))
    return image.crop((0, height // 3, width, height // 3 + int(width * rng.uniform(0.1, 0.15))))


def looks_of(images):
    return parse_looks(LOOKS(np.stack([LOOKS.prepare(image) for image in images])))


def rows(looks, index):
    return replace(looks, **{field.name: getattr(looks, field.name)[index].copy() for field in fields(looks)})


@pytest.fixture(scope="module")
def scenes():
    rng = np.random.default_rng(0)
    return [scene(rng) for _ in range(80)]


@pytest.fixture(scope="module")
def looks(scenes):
    return looks_of(scenes)


@pytest.fixture(scope="module")
def looks_of_flawed(scenes):
    """Give 24 flawed pictures, four of each kind."""
    rng = np.random.default_rng(1)
    return looks_of([flawed(KINDS[index % 6], scenes[index], rng) for index in range(24)])


def joined(first, second):
    parts = {
        field.name: np.concatenate([getattr(each, field.name) for each in (first, second)]) for field in fields(first)
    }
    return replace(first, **parts)


def test_good_pictures_have_no_flaws(looks):
    assert quality_flags(looks) == ()


def test_planted_flaws_are_found_and_few_others(looks, looks_of_flawed):
    flags = quality_flags(joined(rows(looks, slice(24, None)), looks_of_flawed))
    planted = {(56 + index, KINDS[index % 6]) for index in range(24)}
    found = {(flag.image, flag.kind) for flag in flags}
    assert len(found) == len(flags)
    assert planted <= found
    assert {image for image, _ in found} == {image for image, _ in planted}
    assert {kind for _, kind in found - planted} <= {"flat"}  # of the dark and bright ones


def test_flags_are_sorted_and_give_the_numbers(looks, looks_of_flawed):
    both = joined(looks, looks_of_flawed)
    flags = quality_flags(both)
    severities = [flag.severity for flag in flags]
    assert severities == sorted(severities, reverse=True)
    assert np.isfinite(severities).all()
    assert severities[-1] > 0
    for flag in flags:
        assert isinstance(flag.image, int)
        assert flag.reason.endswith(".") and "\n" not in flag.reason
    worst = next(flag for flag in flags if flag.kind == "blurred")
    usual = np.sort(both.sharpness[both.spread >= 0.06])
    assert worst.reason == (
        f"Blurred: sharpness {100 * both.sharpness[worst.image]:.0f}, usual here is {100 * usual[len(usual) // 2]:.0f}."
    )
    small = next(flag for flag in flags if flag.kind == "small")
    assert f"{both.widths[small.image]} x {both.heights[small.image]} pixels, usual here is" in small.reason


def test_more_blur_is_more_severe(scenes, looks):
    blurred = looks_of([scenes[0].filter(ImageFilter.GaussianBlur(radius)) for radius in (2, 8, 4)])
    flags = [flag for flag in quality_flags(joined(rows(looks, slice(1, None)), blurred)) if flag.kind == "blurred"]
    assert [flag.image - 79 for flag in flags] == [1, 2, 0]


def test_drawings_have_no_flaws():
    rng = np.random.default_rng(0)
    drawings = [draw(family, rng).convert("RGB") for family in FAMILIES for _ in range(4)]
    assert quality_flags(looks_of(drawings)) == ()
    assert quality_flags(looks_of([drawing.point(lambda level: 255 - level) for drawing in drawings])) == ()


def test_what_is_usual_is_no_flaw():
    """A collection of soft, dark, small strips, as of a film; the black one among them is one."""
    rng = np.random.default_rng(0)
    strips = [scene(rng, (180, 30)).filter(ImageFilter.GaussianBlur(0.8)).point(lambda v: v * 0.3) for _ in range(30)]
    assert quality_flags(looks_of(strips)) == ()
    flags = quality_flags(looks_of([*strips, Image.new("RGB", (180, 30), (3, 3, 3))]))
    assert {flag.image for flag in flags} == {30}
    assert {flag.kind for flag in flags} == {"dark", "flat"}


def test_a_flaw_that_all_have_is_still_one():
    black = [Image.new("RGB", (300, 200), (level, level, level)) for level in range(10)]
    flags = quality_flags(looks_of(black))
    assert Counter(flag.kind for flag in flags) == {"dark": 10, "flat": 10}
    assert "Too dark: the brightness of its lightest parts is 0 %, and less than 10 % is dark anywhere." in {
        flag.reason for flag in flags
    }
    assert flags[0].image == 0


@pytest.mark.parametrize("n_images", [1, 2, 5])
def test_among_a_handful_only_what_is_a_flaw_anywhere_counts(n_images, scenes):
    good = scenes[:n_images]
    assert quality_flags(looks_of(good)) == ()
    soft = good[0].filter(ImageFilter.GaussianBlur(1.5))
    assert quality_flags(looks_of([soft, *good[1:]])) == ()
    flags = quality_flags(looks_of([good[0].filter(ImageFilter.GaussianBlur(9)), *good[1:]]))
    assert [(flag.image, flag.kind) for flag in flags] == [(0, "blurred")]
    assert flags[0].reason.endswith("and less than 4 is blurred anywhere.")
    assert [flag.kind for flag in quality_flags(looks_of([Image.new("RGB", (5, 5), "red"), *good[1:]]))] == [
        "flat",
        "small",
    ]


def test_identical_pictures_are_no_worse_than_each_other(scenes):
    assert quality_flags(looks_of([scenes[0]] * 30)) == ()
    flags = quality_flags(looks_of([Image.new("RGB", (300, 300), "white")] * 30))
    assert Counter(flag.kind for flag in flags) == {"bright": 30, "flat": 30}
    assert [flag.image for flag in flags[:60]] == sorted(flag.image for flag in flags)


def test_no_pictures_have_no_flaws(looks):
    assert quality_flags(rows(looks, slice(0))) == ()


def test_pictures_of_any_shape_get_finite_severities():
    rng = np.random.default_rng(0)
    images = [
        Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for shape in ((1, 1), (1, 5000), (2, 7))
    ]
    images += [Image.new("RGB", (1, 1), colour) for colour in ("black", "white", "red", "blue")]
    flags = quality_flags(looks_of(images))
    assert all(np.isfinite(flag.severity) and flag.severity > 0 for flag in flags)
    assert (1, "odd_shape") in {(flag.image, flag.kind) for flag in flags}
