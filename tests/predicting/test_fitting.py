import numpy as np
import pytest
from some_models import as_features, blobs, model_from

from imgcluster.errors import ParameterError
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.predicting.fitting import fit_model
from imgcluster.spaces.space import make_space

VECTORS, KINDS = blobs(24)


def fit(options, **given):
    features = as_features(VECTORS)
    defaults = {"labels": KINDS, "collection_paths": [""] * 24, "space": make_space(features)}
    return fit_model(name="some", features=features, options=options, method="kmeans", **(defaults | given))


def test_names_are_kept_or_numbered():
    assert model_from(VECTORS, KINDS).names == ("Group 1", "Group 2", "Group 3", "Group 4")
    assert model_from(VECTORS, KINDS, names=list("abcd")).names == ("a", "b", "c", "d")
    assert model_from(VECTORS, np.full(24, -1)).names == ()


def test_arrays_are_its_own_and_read_only():
    labels = KINDS.copy()
    model = model_from(VECTORS, labels)
    labels[:] = 0
    np.testing.assert_array_equal(model.labels, KINDS)
    assert not any(each.flags.writeable for each in (model.labels, model.vectors, model.novelties, model.coordinates))


def test_vectors_from_a_file_make_no_model():
    with pytest.raises(ParameterError, match="came from a file"):
        fit(FeatureOptions(vectors="clip.npz"))


def test_an_autoencoder_makes_a_model_of_what_it_learned_alone():
    weights = tuple(np.zeros(shape, dtype=np.float32) for shape in SHAPES)
    learned = Learned(weights=weights, history=np.zeros((1, 2)), n_images=500)
    with pytest.raises(ParameterError, match="learned is not there"):
        fit(parse_features("autoencoder"))
    assert fit(parse_features("autoencoder"), learned=learned).learned is learned
    assert fit(parse_features("hog"), learned=learned).learned is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"labels": KINDS[:-1]}, "23 labels for 24"),
        ({"labels": KINDS * 2}, "up to 6, but only 4"),
        ({"labels": KINDS - 2}, "-1 for none"),
        ({"labels": KINDS[:, None]}, "one number for each"),
        ({"collection_paths": ["one"]}, "1 paths for 24"),
        ({"names": ["a", "b"]}, "2 names for 4 groups"),
        ({"space": make_space(as_features(VECTORS[:9]))}, "9 places for 24"),
    ],
)
def test_numbers_that_do_not_agree_are_an_error(given, sentence):
    with pytest.raises(ParameterError, match=sentence):
        fit(FeatureOptions(), **given)
