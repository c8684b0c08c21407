import numpy as np
import pytest
from PIL import Image
from some_weights import some_learned

from imgcluster.errors import ExtractorError, ParameterError
from imgcluster.extractors.autoencoder import KINDS, Autoencoder
from imgcluster.extractors.networks.conv_autoencoder import fit_autoencoder
from imgcluster.extractors.registry import check_parameters


def some_pixels(n, *, seed=0):
    """Blurred noise: something that can be learned."""
    rng = np.random.default_rng(seed)
    small = [Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)) for _ in range(n)]
    return np.stack([np.asarray(image.resize((64, 64), Image.Resampling.BICUBIC)) for image in small])


@pytest.fixture(scope="module")
def trained():
    return Autoencoder().trained(some_learned())


def reference_code(pixels, weights):
    """The encoder as its definition reads, one image, in float64."""
    x = pixels.astype(np.float64) / 255
    for kernel, bias in zip(weights[0:6:2], weights[1:6:2], strict=True):
        side = len(x) // 2
        padded = np.pad(x, [(0, 1), (0, 1), (0, 0)])  # TensorFlow's "same" at stride 2: the odd pixel at the end
        out = np.empty((side, side, kernel.shape[-1]))
        for i in range(side):
            for j in range(side):
                out[i, j] = np.tensordot(padded[2 * i : 2 * i + 3, 2 * j : 2 * j + 3], kernel, axes=3) + bias
        x = np.maximum(out, 0)
    return x.reshape(-1) @ weights[6] + weights[7]


def test_equals_its_definition(trained):
    pixels = some_pixels(3)
    vectors = trained(pixels)
    assert vectors.shape == (3, 64) and vectors.dtype == np.float32
    expected = [reference_code(image, some_learned().weights) for image in pixels]
    np.testing.assert_allclose(vectors, expected, atol=2e-4)


@pytest.mark.parametrize("n", [1, 31, 32, 33])
def test_a_vector_does_not_depend_on_its_batch(trained, n):
    pixels = some_pixels(n)
    np.testing.assert_array_equal(trained(pixels)[-1:], trained(pixels[-1:]))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (64, 64), (2000, 100)])
def test_images_of_any_size_are_taken(trained, size):
    prepared = trained.prepare(Image.new("RGB", size, (10, 200, 30)))
    assert prepared.shape == (64, 64, 3) and prepared.dtype == np.uint8
    assert (prepared == (10, 200, 30)).all()
    assert np.isfinite(trained(prepared[None])).all()


def test_untrained_it_says_what_it_is_and_cannot_be_called():
    (kind,) = KINDS
    untrained = kind.make()
    assert kind.trained and untrained.name == kind.name and untrained.n_features == 64
    assert untrained.id.startswith("autoencoder-1-untrained") and untrained.missing() is None
    assert untrained.history is None and untrained.note == ""
    for call in (untrained.load, lambda: untrained(some_pixels(1))):
        with pytest.raises(ExtractorError, match="not learned"):
            call()


@pytest.mark.parametrize("epochs", [0, 201])
def test_the_epochs_have_bounds(epochs):
    assert check_parameters(KINDS[0], {"epochs": 200}) == {"epochs": 200}
    with pytest.raises(ParameterError, match=f"epochs={epochs} should be from 1 to 200"):
        check_parameters(KINDS[0], {"epochs": epochs})


def test_other_weights_have_another_id():
    ids = {Autoencoder(epochs=epochs).trained(some_learned(seed=seed)).id for epochs in (1, 2) for seed in (0, 0, 1)}
    assert len(ids) == 2  # how they came about does not matter


def test_few_images_are_noted():
    assert Autoencoder().trained(some_learned(n_images=500)).note == ""
    note = Autoencoder().trained(some_learned(n_images=499)).note
    assert "499" in note and "500" in note


@pytest.fixture(scope="module")
def learned():
    reports = []
    return fit_autoencoder(some_pixels(75), epochs=3, progress=reports.append), reports


def test_two_trainings_learn_the_same_and_touch_no_global_seed(learned):
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    again = fit_autoencoder(some_pixels(75), epochs=3)
    assert np.random.random() == expected  # noqa: NPY002
    assert again.digest == learned[0].digest
    np.testing.assert_array_equal(again.history, learned[0].history)


def test_the_loss_falls(learned):
    history = learned[0].history
    assert history.shape == (3, 2) and history.dtype == np.float64
    assert (history[-1] < history[0]).all() and (history > 0).all()


def test_every_batch_is_reported(learned):
    reports = learned[1]
    n_batches = 3  # 68 of the 75 images, 32 at a time
    assert [report.done for report in reports] == list(range(1, 3 * n_batches + 1))
    assert {report.total for report in reports} == {3 * n_batches}
    assert [len(report.partial) for report in reports] == [0] * 3 + [1] * 3 + [2] * 3
    assert reports[-1].current.startswith("epoch 3 of 3, loss 0.")
    np.testing.assert_array_equal(reports[-1].partial, learned[0].history[:2])


def test_the_code_is_white(learned):
    """No direction varies by more than 1, many by just that, and the mean is zero."""
    codes = Autoencoder().trained(learned[0])(some_pixels(75)).astype(np.float64)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-3)
    variances = np.linalg.eigvalsh(np.cov(codes.T))
    np.testing.assert_allclose(variances[-5:], 1, rtol=1e-2)
