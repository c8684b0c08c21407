from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgcluster.errors import ExtractorError, ParameterError
from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind, Parameter
from imgcluster.extractors.preprocessing import FITS, Preprocessing
from imgcluster.features.options import MAX_PARTS, FeatureOptions, FeaturePart, parse_features, suiting_space

PARAMETERS = (
    Parameter(name="cell", title="Cell", help="", default=8, low=1, high=64),
    Parameter(name="share", title="Share", help="", default=0.5, low=0.0, high=1e30),
    Parameter(name="signed", title="Signed", help="", default=False),
    Parameter(name="kind", title="Kind", help="", default="plain", choices=("plain", "2x2", "true")),
    Parameter(name="path", title="File", help="", default=""),
)
KINDS = [Kind(name=name, make=dict, parameters=PARAMETERS, space="pca") for name in ("toy", "toy-2", "toy_3")]


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    for kind in KINDS:
        monkeypatch.setitem(registry._KINDS, kind.name, kind)


def values(parameter):
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    kind = type(parameter.default)
    if kind is bool:
        return st.booleans()
    if kind is str:
        return st.text(max_size=12) | st.text(alphabet='",+|()=: \\.x1', max_size=12)
    return (st.integers if kind is int else st.floats)(parameter.low, parameter.high)


def go_together(kind, parameters):
    """Some are refused together, such as cells larger than the picture."""
    try:
        kind.make(**parameters)
    except ParameterError:
        return False
    return True


def parts(kinds):
    def of_kind(kind):
        given_ones = st.fixed_dictionaries({}, optional={each.name: values(each) for each in kind.parameters})
        parameters = given_ones.filter(lambda found: go_together(kind, found)).map(lambda found: tuple(found.items()))
        weights = st.floats(0, 100, exclude_min=True) | st.integers(1, 100)
        return st.builds(FeaturePart, name=st.just(kind.name), parameters=parameters, weight=weights)

    return st.sampled_from(kinds).flatmap(of_kind)


def preprocessings():
    sizes = st.just(0) | st.integers(8, 1024)
    return st.builds(
        Preprocessing, grayscale=st.booleans(), invert=st.booleans(), fit=st.sampled_from(FITS), size=sizes
    )


def without_weight(part):
    return replace(part, weight=1.0)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_is_written_is_read_again(data):
    kinds = [*registry.available_kinds(), *KINDS]
    several = st.lists(parts(kinds), min_size=1, max_size=MAX_PARTS, unique_by=without_weight)
    options = FeatureOptions(parts=tuple(data.draw(several)), preprocessing=data.draw(preprocessings()))
    assert parse_features(options.text) == options
    assert parse_features(options.text).text == options.text


@given(st.text(min_size=1).filter(str.strip))
def test_a_file_of_vectors_is_read_again(path):
    options = FeatureOptions(vectors=path)
    assert parse_features(options.text) == options


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text(alphabet='toy-2(),:=|+". cellpath18', max_size=40))
def test_any_other_text_is_one_clear_error(text):
    try:
        parse_features(text)
    except (ParameterError, ExtractorError) as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("network", "efficientnet_lite0"),
        (" quick ", "efficientnet_lite0"),
        ("quick|grayscale", "efficientnet_lite0|grayscale"),
        ("toy(cell=8)", "toy"),
        ("toy()", "toy"),
        ("toy:3", "toy"),
        ("toy( share = 1 , cell=9 )", "toy(cell=9,share=1.0)"),
        ("toy + network:0.30|size=64, invert", "toy+efficientnet_lite0:0.3|invert,size=64"),
        ("toy(signed=TRUE)", "toy(signed=true)"),
        ("toy(share=1e-5)+network", "toy(share=1e-05)+efficientnet_lite0"),
        ('toy(kind="true")', 'toy(kind="true")'),
        ("toy(kind=2x2)", 'toy(kind="2x2")'),
        ('toy(path="a, (b) | c+d:2.onnx")|crop', 'toy(path="a, (b) | c+d:2.onnx")|crop'),
        (r'toy(path="C:\models\a.onnx")', r'toy(path="C:\models\a.onnx")'),
        ('toy(path="the ""new"" one")', 'toy(path="the ""new"" one")'),
        ("vectors=a+b|c.npz", "vectors=a+b|c.npz"),
    ],
)
def test_texts_have_one_form(text, canonical):
    assert parse_features(text).text == canonical


def test_a_quoted_path_arrives_as_it_is():
    (part,) = parse_features('toy(path="a, (b) | ""c"".onnx",cell=9)').parts
    assert dict(part.parameters) == {"cell": 9, "path": 'a, (b) | "c".onnx'}


def test_the_default_is_the_network():
    assert parse_features("quick") == parse_features("network") == FeatureOptions()


def test_thorough_is_two_networks():
    names = ["efficientnet_lite0", "efficientnet_lite2"]
    assert [part.name for part in parse_features("thorough").parts] == names
    assert parse_features("thorough|grayscale").preprocessing.grayscale
    among = parse_features("toy+thorough:0.5").parts
    assert [(part.name, part.weight) for part in among] == [("toy", 1.0), *((name, 0.5) for name in names)]


def test_weights_that_differ_little_have_different_texts():
    texts = {parse_features(f"toy:{weight}+network").text for weight in (0.1234567, 0.1234568, "1.0000001", 1)}
    assert len(texts) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no extractors"),
        ("|grayscale", "names no extractors"),
        ("toy+", "names no extractors"),
        ("+toy", "names no extractors"),
        ("toy,network", "names no extractors"),
        ("toy(cell=9", "names no extractors"),
        ('toy(path="a)', "names no extractors"),
        ('toy(path="a"b)', "names no extractors"),
        ("toy(9)", "names no extractors"),
        ("toy:1.2.3", "names no extractors"),
        ("toy:heavy", "names no extractors"),
        ("toy:0", "weight 0 should be above 0 and at most 100"),
        ("toy:101", "weight 101 should be"),
        ("toy(cell=65)", "cell=65 should be from 1 to 64"),
        ("toy(cell=8.5)", "cell=8.5 should be a whole number"),
        ("toy(cell=true)", "cell=True should be a whole number"),
        ("toy(cell=9,cell=10)", "cell is given twice"),
        ("toy(kind=other)", "kind=other should be one of plain, 2x2, true"),
        ("toy(colour=red)", "toy has no parameter 'colour'"),
        ("network(cell=8)", "efficientnet_lite0 has no parameter 'cell'"),
        ("toy+toy:2", "toy is named twice"),
        ("network+efficientnet_lite0", "efficientnet_lite0 is named twice"),
        ("toy+toy-2+toy_3+network+toy(cell=9)", "5 extractors should be from 1 to 4"),
        ("toy|blur", "'blur' is nothing that can be done"),
        ("toy|size=7", "size=7 should be from 8 to 1024"),
        ("vectors=", "names no file"),
        ("nothing", "no extractor named 'nothing'"),
    ],
)
def test_errors_say_what_is_wrong(text, words):
    with pytest.raises((ParameterError, ExtractorError)) as caught:
        parse_features(text)
    assert words in str(caught.value)


def test_two_of_one_kind_with_other_parameters_are_two():
    assert len(parse_features("toy(cell=9)+toy(cell=10)").parts) == 2


def test_vectors_take_the_place_of_everything_else():
    options = FeatureOptions(
        parts=(FeaturePart(name="toy"),), preprocessing=Preprocessing(invert=True), vectors="clip.npz"
    )
    assert options == FeatureOptions(vectors="clip.npz")
    assert options.title == "Vectors from elsewhere"


def test_the_space_is_the_one_that_suits():
    assert suiting_space(parse_features("toy")) == "pca"
    assert suiting_space(parse_features("toy+toy-2")) == "diffusion"
    assert suiting_space(FeatureOptions(vectors="clip.npz")) == "diffusion"
