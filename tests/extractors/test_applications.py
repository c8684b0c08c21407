import re
import shutil
import subprocess
import sys
import urllib.error

import numpy as np
import pytest
from odd_images import write_odd_images
from PIL import Image

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks import application_building, applications, engine
from imgcluster.extractors.networks.application_building import build_application, kept_weights, models_directory
from imgcluster.extractors.networks.application_table import APPLICATIONS
from imgcluster.extractors.networks.applications import KINDS, kind_of_application
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.pictures.opening import decode

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and NumPy 2

LISTED = {"resnet50", "vgg16", "mobilenetv2", "efficientnetv2b0", "convnexttiny"}
MEANS_BGR = np.float32([103.939, 116.779, 123.68])
MOBILENET_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


@pytest.fixture(autouse=True, scope="module")
def small_batches():
    """Three images of 224 pixels at a time, run by TensorFlow: networks are slow here."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(applications, "_BATCH_PIXELS", 3 * 224 * 224)
        monkeypatch.setattr(engine, "_openvino_version", lambda: "")  # tests/extractors/test_engine.py has OpenVINO
        yield


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    """An empty cache of Keras, which reads the environment only once, and no network."""
    config = import_keras().src.backend.config
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path / "keras"))
    (tmp_path / "keras").mkdir()

    def unreachable(*_):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", unreachable)
    return tmp_path / "keras"


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory):
    """MobileNetV2 with random weights, and these in a file of each format.

    Keras' own random weights are so small in depthwise kernels that each vector would be all but zero.
    """
    build = import_keras().applications.MobileNetV2
    model, rng = (
        build(weights=None, include_top=False, pooling="avg", input_shape=(224, 224, 3)),
        np.random.default_rng(0),
    )
    for kernel in (weight for weight in model.weights if len(weight.shape) == 4):
        height, width, n_inputs, _ = kernel.shape
        fan_in = height * width * (1 if "depthwise" in kernel.path else n_inputs)
        kernel.assign(rng.normal(0, np.sqrt(2 / fan_in), kernel.shape))
    directory = tmp_path_factory.mktemp("weights")
    model.save_weights(directory / "mine.weights.h5")
    model.save(directory / "old.h5")
    return model, directory


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def expected(mobilenet, images):
    vectors = mobilenet[0].predict_on_batch(images.astype(np.float32) / 127.5 - 1)
    assert vectors.std(axis=0).max() > 0.01  # images differ, so that to be close to them means something
    return vectors


@pytest.fixture(scope="module")
def loaded(mobilenet):
    extractor = make("mobilenetv2", weights=str(mobilenet[1] / "mine.weights.h5"))
    extractor.load()
    return extractor


def make(name, **parameters):
    return kind_of_application(name).make(**parameters)


def hand_made(name, pixels):
    """What each network's authors did to the pixels, as Keras' documentation says it."""
    pixels = pixels.astype(np.float32)
    if name in ("resnet50", "vgg16"):
        return pixels[..., ::-1] - MEANS_BGR
    return pixels / 127.5 - 1 if name == "mobilenetv2" else pixels  # the other two do it in their first layers


def change(path, function, *, only):
    """Replace the arrays of one layer in a file of weights by what the function makes of them; None takes them away."""
    import h5py

    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in (name for name in names if name.startswith(only)):
            array = function(file[name][()])
            del file[name]
            if array is not None:
                file[name] = array


@pytest.mark.parametrize("name", sorted(LISTED))
def test_pixels_are_prepared_by_the_networks_own_function(name, images, monkeypatch):
    """With a network in its place that does nothing."""
    monkeypatch.setattr(application_building, "_built", lambda keras, *_: keras.layers.Activation("linear"))
    application = make(name)._application
    seen = build_application(application, None).predict_on_batch(images[:2])
    module = getattr(import_keras().applications, application.module)
    np.testing.assert_allclose(seen, module.preprocess_input(images[:2].astype(np.float32)), atol=1e-5)
    np.testing.assert_allclose(seen, hand_made(name, images[:2]), atol=1e-4)


def test_weights_of_a_file_give_that_networks_vectors(loaded, images, expected):
    assert loaded.missing() is None
    assert loaded.note == ""
    vectors = loaded(images)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, loaded.n_features)
    np.testing.assert_allclose(vectors, expected, atol=1e-4)


def test_one_at_a_time_gives_the_same_bits(loaded, images):
    together = loaded(images)
    np.testing.assert_array_equal(np.concatenate([loaded(images[i : i + 1]) for i in range(5)]), together)
    np.testing.assert_array_equal(loaded(images[::-1]), together[::-1])


def test_kept_weights_are_used_without_a_network(mobilenet, images, expected, keras_home):
    """In the old format, as Keras offers them."""
    extractor = make("mobilenetv2")
    assert re.search(r"about \d+ MB, at first use", extractor.note)
    (keras_home / "models").mkdir()
    shutil.copy(mobilenet[1] / "old.h5", models_directory() / MOBILENET_FILE)
    assert extractor.note == ""
    np.testing.assert_allclose(extractor(images), expected, atol=1e-4)
    assert extractor.id == "mobilenetv2-1-224"


def test_weights_of_the_old_format(mobilenet, images, expected):
    extractor = make("mobilenetv2", weights=str(mobilenet[1] / "old.h5"))
    np.testing.assert_allclose(extractor(images), expected, atol=1e-4)


def test_without_a_network_it_says_which_file_goes_where(keras_home, capfd):
    extractor = make("mobilenetv2")
    assert extractor.missing() is None
    with pytest.raises(ExtractorError, match="could not be fetched") as caught:
        extractor.load()
    assert f"bring the file {MOBILENET_FILE} into the folder {keras_home / 'models'}" in str(caught.value)
    assert "built-in network" in str(caught.value)
    assert caught.value.hint.endswith(f"mobilenet_v2/{MOBILENET_FILE}")
    assert capfd.readouterr() == ("", "")


def test_damaged_kept_weights(keras_home):
    (keras_home / "models").mkdir()
    (keras_home / "models" / MOBILENET_FILE).write_bytes(b"<html>Moved</html>")
    with pytest.raises(ExtractorError, match="seem to be damaged") as caught:
        make("mobilenetv2").load()
    assert caught.value.hint.startswith("Delete that file")


@pytest.mark.parametrize("suffix", [".h5", ".weights.h5"])
@pytest.mark.parametrize("content", ["cut", "empty", "text"])
def test_damaged_weights_file(mobilenet, tmp_path, suffix, content):
    whole = (mobilenet[1] / "mine.weights.h5").read_bytes()
    path = tmp_path / f"weights{suffix}"
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"no weights"}[content])
    with pytest.raises(ExtractorError, match=re.escape(f"The file {path.name} is cut off, or no file of weights")):
        make("mobilenetv2", weights=str(path)).load()


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize(
    ("function", "message"),
    [(lambda array: None, "do not fit MobileNetV2"), (lambda array: array * np.nan, "are not all numbers")],
)
def test_weights_that_are_not_complete(mobilenet, tmp_path, function, message):
    path = tmp_path / "part.weights.h5"
    shutil.copy(mobilenet[1] / "mine.weights.h5", path)
    change(path, function, only="layers/conv2d/")
    with pytest.raises(ExtractorError, match=re.escape(f"part.weights.h5 {message}")):
        make("mobilenetv2", weights=str(path)).load()


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("file", ["mine.weights.h5", "old.h5"])
def test_weights_of_another_network(mobilenet, file):
    extractor = make("vgg16", weights=str(mobilenet[1] / file))
    with pytest.raises(ExtractorError, match=re.escape(f"{file} do not fit VGG16")):
        extractor.load()


def test_a_file_that_is_not_there(tmp_path):
    extractor = make("resnet50", weights=str(tmp_path / "lost.weights.h5"))
    assert "lost.weights.h5" in extractor.missing().sentence
    for ask in (extractor.load, lambda: extractor.id):
        with pytest.raises(ExtractorError, match=r"lost\.weights\.h5"):
            ask()


def test_a_whole_model_is_refused_because_it_may_hold_code(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK")
    extractor = make("resnet50", weights=str(path))
    assert "model.keras" in extractor.missing().sentence
    with pytest.raises(ExtractorError, match=r"ends with \.h5"):
        extractor.load()


def test_a_replaced_file_is_another_extractor(mobilenet, loaded, images, tmp_path):
    path = tmp_path / "a.weights.h5"
    shutil.copy(mobilenet[1] / "mine.weights.h5", path)
    extractor = make("mobilenetv2", weights=str(path))
    first_id = extractor.id
    assert first_id == loaded.id
    assert re.fullmatch(r"mobilenetv2-1-224-[0-9a-f]{16}", first_id)
    extractor.load()
    change(path, lambda array: -array, only="layers/conv2d/")
    assert extractor.id != first_id
    assert not np.allclose(extractor(images[:1]), loaded(images[:1]))


def test_a_users_own_settings_of_keras_change_nothing_and_stay(mobilenet, loaded, images):
    keras = import_keras()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    keras.config.set_image_data_format("channels_first")
    try:
        vectors = make("mobilenetv2", weights=str(mobilenet[1] / "mine.weights.h5"))(images[:2])
        assert keras.config.image_data_format() == "channels_first"
        assert keras.config.dtype_policy().name == "float64"
    finally:
        keras.config.set_dtype_policy(before)
        keras.config.set_image_data_format("channels_last")
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, loaded(images[:2]))


def test_images_of_any_size_become_the_networks_input():
    for size in ((1, 1), (1, 500), (640, 480)):
        pixels = make("InceptionV3").prepare(Image.new("RGB", size, "red"))
        assert pixels.shape == (299, 299, 3)
        assert pixels.dtype == np.uint8
        assert tuple(pixels[150, 150]) == (255, 0, 0)


def test_the_list_and_all_other_names():
    assert {kind.name for kind in KINDS} == LISTED
    assert kind_of_application("ResNet-50") is next(kind for kind in KINDS if kind.name == "resnet50")
    assert kind_of_application("EfficientNet_V2 b3").name == "efficientnetv2b3"
    assert kind_of_application("DenseNet121") is kind_of_application("densenet121")
    assert kind_of_application("resnet") is None
    assert kind_of_application("") is None


def test_the_table_is_that_of_keras():
    modules = import_keras().applications
    functions = {name.lower() for name in dir(modules) if name[0].isupper()}
    assert functions == {each.name for each in APPLICATIONS}
    for each in APPLICATIONS:
        assert getattr(modules, each.title).__module__ == f"keras.src.applications.{each.module}"
        assert callable(getattr(modules, each.module).preprocess_input)


@pytest.mark.parametrize("name", sorted(LISTED))
def test_length_and_file_are_those_of_keras(name, monkeypatch, keras_home):
    """The file's name and address are what Keras asks for when it has built the network."""
    keras, asked = import_keras(), {}

    def get_file(fname, origin, *, cache_subdir, **_):
        asked.update(file=keras_home / cache_subdir / fname, url=origin)
        return fname

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    monkeypatch.setattr(keras.Model, "load_weights", lambda *_: None)
    application = make(name)._application
    assert application_building._built(keras, application, "imagenet").output_shape == (None, application.n_features)
    assert asked == {"file": kept_weights(application), "url": application.url}


def test_odd_pictures_have_vectors_and_the_same_ones_each_time(loaded, tmp_path):
    names = [name for name in write_odd_images(tmp_path).good if (tmp_path / name).exists()]
    images = [decode((tmp_path / name).read_bytes(), min_side=loaded.min_side) for name in names[::4]]
    vectors = loaded(np.stack([loaded.prepare(image) for image in images]))
    assert vectors.dtype == np.float32 and vectors.shape == (len(images), loaded.n_features)
    assert np.isfinite(vectors).all()
    again = loaded(np.stack([loaded.prepare(image) for image in images[::-1]]))
    np.testing.assert_array_equal(again[::-1], vectors)


def test_the_list_imports_nothing_slow():
    script = """
import sys
from imgcluster.extractors.networks.applications import KINDS, kind_of_application
for kind in (*KINDS, kind_of_application("Xception")):
    made = kind.make()
    made.missing(), made.note, made.id
assert not {"tensorflow", "keras", "h5py"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
