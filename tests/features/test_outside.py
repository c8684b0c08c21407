import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_extractor import write_images

from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.features import outside_files
from imgcluster.features.outside import match_rows, read_outside_vectors
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.finding import find_images

N_IMAGES = 6


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "pictures" / "cats", 3, seed=1)
    write_images(tmp_path / "pictures" / "dogs", 3, seed=2)
    return tmp_path / "pictures"


@pytest.fixture
def collection(folder):
    return find_images(folder)


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(N_IMAGES, 4)).astype(np.float32)


def save_npz(path, paths, vectors, names=("paths", "vectors")):
    np.savez(path, **{names[0]: np.array(paths, dtype=str), names[1]: vectors})


def save_npy(path, paths, vectors):
    np.save(path, vectors)
    path.with_suffix(".txt").write_text("".join(f"{name}\n" for name in paths), encoding="utf-8")


def save_csv(path, paths, vectors):
    frame = pd.DataFrame(np.asarray(vectors, dtype=np.float64))
    frame.insert(0, "path", paths)
    frame.to_csv(path, index=False, header=False)


def save_parquet(path, paths, vectors):
    pd.DataFrame({"label": 7, "path": paths, "embedding": list(vectors)}).to_parquet(path)


SAVERS = {".npz": save_npz, ".npy": save_npy, ".csv": save_csv, ".parquet": save_parquet}
every_format = pytest.mark.parametrize("suffix", SAVERS)


@pytest.fixture
def read(collection, store, tmp_path):
    """Save a file of some format, and read it for the collection."""

    def save_and_read(suffix, paths, vectors):
        path = tmp_path / f"clip{suffix}"
        SAVERS[suffix](path, list(paths), vectors)
        return read_outside_vectors(collection, path, store=store)

    return save_and_read


def refused(path, collection, store):
    """Read a file that cannot be used; return what is said about it."""
    with pytest.raises(ParameterError) as caught:
        read_outside_vectors(collection, path, store=store)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value) and caught.value.hint
    return str(caught.value)


@every_format
def test_every_image_gets_its_row_in_whatever_order(suffix, read, collection, vectors, store):
    order = [4, 0, 3, 5, 1, 2]
    result = read(suffix, [collection.paths[index] for index in order], vectors[order])
    np.testing.assert_array_equal(result.features.vectors, vectors)
    assert result.features.vectors.dtype == np.float32 and not result.features.vectors.flags.writeable
    assert result.collection == collection and result.notes == ()
    assert result.features.scaling == "l2"
    assert set(store.thumbnails(result.features.hashes)) == set(store.hashes(collection.images))


@every_format
def test_nan_and_missing_rows_are_skipped_and_strange_rows_counted(suffix, read, collection, vectors):
    vectors = vectors.copy()
    vectors[1, 2], vectors[3, 0] = np.nan, np.inf
    result = read(suffix, [*collection.paths[:5], "birds/x.png"], vectors)
    assert {skipped.path: skipped.reason for skipped in result.collection.skipped} == {
        "cats/0001.png": f"a vector with NaN or infinity in clip{suffix}",
        "dogs/0000.png": f"a vector with NaN or infinity in clip{suffix}",
        "dogs/0002.png": f"no vector in clip{suffix}",
    }
    np.testing.assert_array_equal(result.features.vectors, vectors[[0, 2, 4]])
    assert result.notes == (f"1 of the 6 rows of clip{suffix} belong to no picture here.",)


@every_format
def test_two_vectors_of_one_image_are_refused_unless_they_are_equal(suffix, read, collection, vectors):
    paths, doubled = [*collection.paths, r".\cats\0001.png"], np.vstack([vectors, vectors[1:2]])
    result = read(suffix, paths, doubled)
    np.testing.assert_array_equal(result.features.vectors, vectors)
    assert result.notes == ()
    doubled[6, 0] += 1
    with pytest.raises(ParameterError, match=r"two different vectors for .*0001.png, in rows 2 and 7"):
        read(suffix, paths, doubled)


@every_format
def test_nothing_that_matches_is_one_error(suffix, read, vectors):
    with pytest.raises(ParameterError, match=r"None of the 6 rows of clip.* one of the 6 pictures") as caught:
        read(suffix, [f"birds/{index}.png" for index in range(6)], vectors)
    assert "birds/0.png" in caught.value.hint and "cats/0000.png" in caught.value.hint


def test_npy_alone_is_in_the_order_of_the_images(collection, vectors, store, tmp_path):
    np.save(tmp_path / "a.npy", vectors.astype(">f8"))
    result = read_outside_vectors(collection, tmp_path / "a.npy", store=store)
    np.testing.assert_array_equal(result.features.vectors, vectors)
    np.save(tmp_path / "a.npy", vectors[:5])
    with pytest.raises(ParameterError, match=r"a\.npy has 5 rows, and there are 6 pictures") as caught:
        read_outside_vectors(collection, tmp_path / "a.npy", store=store)
    assert "cats/0000.png, cats/0001.png, cats/0002.png" in caught.value.hint


@pytest.mark.parametrize("names", [("names", "embeddings"), ("files", "features")])
def test_npz_under_other_names(names, collection, vectors, store, tmp_path):
    save_npz(tmp_path / "a.npz", collection.paths, vectors.astype(np.float16), names)
    result = read_outside_vectors(collection, tmp_path / "a.npz", store=store)
    np.testing.assert_array_equal(result.features.vectors, vectors.astype(np.float16))


@pytest.mark.parametrize("options", [{"index": False}, {"index": False, "sep": ";"}, {"index": False, "sep": "\t"}, {}])
def test_csv_with_headings_as_pandas_writes_them(options, collection, vectors, store, tmp_path):
    frame = pd.DataFrame(vectors.astype(np.float64), index=list(collection.paths))
    if "index" in options:
        frame = frame.rename_axis("filename").reset_index()
    frame.to_csv(tmp_path / "a.csv", encoding="utf-8-sig", **options)
    result = read_outside_vectors(collection, tmp_path / "a.csv", store=store)
    np.testing.assert_array_equal(result.features.vectors, vectors)
    assert result.notes == ()


def test_csv_paths_with_commas_quotes_and_accents(store, tmp_path):
    (path,) = write_images(tmp_path / "pictures", 1)
    path.rename(path.with_name("naïve, but fine.png"))
    (tmp_path / "a.csv").write_text('"naïve, but fine.png",0.5,-1e-3\r\n', encoding="utf-8")
    result = read_outside_vectors(find_images(tmp_path / "pictures"), tmp_path / "a.csv", store=store)
    np.testing.assert_array_equal(result.features.vectors, np.float32([[0.5, -1e-3]]))


@pytest.mark.parametrize("as_index", [False, True])
def test_parquet_with_many_columns_of_numbers(as_index, collection, vectors, store, tmp_path):
    frame = pd.DataFrame(vectors.astype(np.float64), columns=list("abcd"))
    frame.insert(2, "where", pd.Categorical(collection.paths))
    (frame.set_index("where") if as_index else frame.iloc[::-1]).to_parquet(tmp_path / "a.parquet")
    result = read_outside_vectors(collection, tmp_path / "a.parquet", store=store)
    np.testing.assert_array_equal(result.features.vectors, vectors)


def test_fingerprint_says_content_and_vectors(read, collection, vectors):
    first = read(".npz", collection.paths, vectors).features
    again = read(".csv", collection.paths[::-1], vectors[::-1]).features
    other = read(".npz", collection.paths, vectors + np.float32(1e-3)).features
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert first.extractor.startswith("vectors:clip.npz:") and first.extractor != other.extractor
    assert first.hashes == other.hashes


def test_an_image_that_cannot_be_read_loses_its_row_too(folder, vectors, store, tmp_path):
    (folder / "cats" / "0001.png").write_bytes(b"no picture")
    collection = find_images(folder)
    save_npz(tmp_path / "a.npz", collection.paths, vectors)
    result = read_outside_vectors(collection, tmp_path / "a.npz", store=store)
    np.testing.assert_array_equal(result.features.vectors, np.delete(vectors, 1, axis=0))
    assert [skipped.path for skipped in result.collection.skipped] == ["cats/0001.png"]


def test_vectors_of_nan_alone_leave_no_images(read, collection, vectors):
    with pytest.raises(NoImagesError, match="each of 6 holds NaN"):
        read(".npz", collection.paths, np.full_like(vectors, np.nan))


def test_numbers_too_large_for_float32_count_as_infinite(read, collection, vectors):
    vectors = vectors.astype(np.float64)
    vectors[2, 1] = 1e300
    for suffix in SAVERS:
        assert [skipped.path for skipped in read(suffix, collection.paths, vectors).collection.skipped] == [
            "cats/0002.png"
        ]


def images(*paths, root="/home/me/pictures"):
    return [ImageFile(path=path, source=Path(root, path), size=1, mtime_ns=0) for path in paths]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/1.png", "b/1.png", "2.png"], [0, 1, 2]),
        (["b\\1.png", ".\\2.png", "./a/1.png"], [2, 0, 1]),
        ([r"D:\old\2.png", r"D:\old\b\1.png", r"D:\old\a\1.png"], [2, 1, 0]),
        (["/home/me/pictures/b/1.png", "2.png"], [-1, 0, 1]),
        (["pictures/a/1.png", "elsewhere/a/1.png"], [0, -1, -1]),
        (["x/a/1.png", "y/a/1.png"], [-1, -1, -1]),
        (["1.png", "2.png"], [-1, -1, 1]),
        (["flat/2.png"], [-1, -1, 0]),
        (["", "/", "a", "png"], [-1, -1, -1]),
        ([], [-1, -1, -1]),
    ],
)
def test_rows_find_their_images(paths, expected):
    assert match_rows(images("a/1.png", "b/1.png", "2.png"), paths).tolist() == expected


def test_an_exact_path_goes_before_a_longer_one():
    assert match_rows(images("1.png", "old/1.png"), ["/home/me/pictures/old/1.png", "1.png"]).tolist() == [1, 0]


def test_accents_are_the_same_composed_or_not():
    assert match_rows(images("caf\u00e9.png"), ["cafe\u0301.png"]).tolist() == [0]


def test_images_in_a_zip_file_are_found_by_name():
    inside = [replace(image, source=Path("/z.zip"), member=image.path) for image in images("a/1.png", "b/1.png")]
    assert match_rows(inside, ["other.zip/b/1.png", "a/1.png"]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.npz", b"", "a.npz is empty"),
        ("a.npz", b"PK\3\4 broken", "a.npz cannot be read"),
        ("a.npy", b"no array at all", "a.npy cannot be read"),
        ("a.parquet", b"PAR1 broken PAR1", "a.parquet cannot be read"),
        ("a.pkl", b"x", "a.pkl is no file of vectors"),
        ("a.csv", b"a.png,1,2\nb.png,1\n", "Expected 3 columns, got 2"),
        ("a.csv", b"a.png,1,2\nb.png,1,2,3\n", "Expected 3 columns, got 4"),
        ("a.csv", b"a.png,1,2\nb.png,1,tabby\n", "Row #2"),
        ("a.csv", b"path,a,b\n", "the shape (0, 2)"),
        ("a.csv", b"cats/0000.png\n", "no columns of numbers"),
        ("a.csv", b"\xff\xfe\x00,1\n", "a.csv cannot be read"),
    ],
)
def test_broken_files_are_one_clear_sentence(name, content, words, collection, store, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert words in refused(tmp_path / name, collection, store)


def test_a_missing_file_and_a_folder(collection, store, tmp_path):
    assert "There is no file" in refused(tmp_path / "none.npz", collection, store)
    (tmp_path / "folder.npz").mkdir()
    assert "folder.npz cannot be read" in refused(tmp_path / "folder.npz", collection, store)


@pytest.mark.parametrize("array", [np.ones(6), np.ones((6, 2, 2)), np.ones((6, 0)), np.float32(3)])
def test_vectors_of_another_shape(array, collection, store, tmp_path):
    np.save(tmp_path / "a.npy", array)
    assert f"the shape {array.shape}" in refused(tmp_path / "a.npy", collection, store)


@pytest.mark.parametrize("array", [np.array([["1", "2"]]), np.ones((6, 2), complex), np.ones((6, 2), bool)])
def test_what_is_no_number(array, collection, store, tmp_path):
    np.save(tmp_path / "a.npy", array)
    assert "numbers are needed" in refused(tmp_path / "a.npy", collection, store)


def test_pickles_are_not_opened(collection, vectors, store, tmp_path):
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("unpickled",)

    np.save(tmp_path / "a.npy", np.array([[Bomb()]], dtype=object), allow_pickle=True)
    assert "Python objects, which are not opened" in refused(tmp_path / "a.npy", collection, store)
    np.savez(tmp_path / "b.npz", paths=np.array([*collection.paths[:5], Bomb()], dtype=object), vectors=vectors)
    assert "paths in b.npz holds Python objects" in refused(tmp_path / "b.npz", collection, store)


def header(shape, dtype="<f4"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


def test_a_size_that_no_memory_holds_is_refused_by_its_header(collection, store, tmp_path):
    (tmp_path / "a.npy").write_bytes(header((10**6, 10**6)))
    assert "1,000,000 x 1,000,000 values of 4 bytes; 4 GB" in refused(tmp_path / "a.npy", collection, store)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("paths.npy", header((10**6,), "<U9999"))
        archive.writestr("vectors.npy", header((10**6, 2)))
    assert "paths in b.npz holds 1,000,000 values" in refused(tmp_path / "b.npz", collection, store)


@pytest.mark.parametrize(
    "content",
    [
        header((6, 4)) + b"\0" * 20,
        header((-6, 4)) + b"\0" * 96,
        header((6, 4)).replace(b"}", b"(") + b"\0" * 96,
        header((6, 4)).replace(b"(6", b"01") + b"\0" * 96,
    ],
)
def test_a_header_that_is_not_true(content, collection, store, tmp_path):
    (tmp_path / "a.npy").write_bytes(content)
    assert "a.npy cannot be read" in refused(tmp_path / "a.npy", collection, store)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_too_many_rows_end_the_reading(suffix, read, collection, vectors, monkeypatch):
    monkeypatch.setattr(outside_files, "_MAX_BYTES", 90)
    with pytest.raises(ParameterError, match="6 x 4 values"):
        read(suffix, collection.paths, vectors)


def test_vectors_of_different_lengths(collection, store, tmp_path):
    rows = [[1.0, 2.0]] * 5 + [[1.0]]
    pd.DataFrame({"path": collection.paths, "vector": rows}).to_parquet(tmp_path / "a.parquet")
    assert "of 2 and, in row 6, of 1 numbers" in refused(tmp_path / "a.parquet", collection, store)


def test_lists_of_paths_of_another_length(collection, vectors, store, tmp_path):
    save_npy(tmp_path / "a.npy", collection.paths[:4], vectors)
    assert "6 vectors and 4 paths" in refused(tmp_path / "a.npy", collection, store)


def test_files_without_what_is_needed_say_what_they_have(collection, vectors, store, tmp_path):
    np.savez(tmp_path / "a.npz", weights=vectors)
    assert "holds the arrays weights" in refused(tmp_path / "a.npz", collection, store)
    pd.DataFrame({"path": collection.paths, "label": list("aabbcc")}).to_parquet(tmp_path / "a.parquet")
    assert "has the columns path, label" in refused(tmp_path / "a.parquet", collection, store)
