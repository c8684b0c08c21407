"""A small network of Keras, for the tests of what runs networks."""

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks.engine import open_engine
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.extractors.networks.network import Network

SIDE = 32


def build_small():
    """A network of three convolutions; always the same weights."""
    keras = import_keras()
    layers, start = keras.layers, keras.initializers.GlorotUniform
    pixels = layers.Input((SIDE, SIDE, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(pixels)
    for seed, channels in enumerate((8, 16, 32)):
        x = layers.Conv2D(channels, 3, strides=2, activation="relu", kernel_initializer=start(seed=seed))(x)
    return keras.Model(pixels, layers.GlobalAveragePooling2D()(x))


def no_weights():
    raise ExtractorError("The weights are missing.", hint="Bring them.")


class Small(Network):
    base_id = "small-1"

    def __init__(self):
        super().__init__(load_seconds=8.0)

    def builder(self):
        return build_small

    def missing(self):
        return None


def open_small(build=build_small):
    return open_engine("small-1", build, batch_size=4)
