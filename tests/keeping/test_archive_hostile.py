"""Files that are damaged, or made to do harm: each is refused with a sentence, in bounded memory."""

import os
import tracemalloc
import zipfile

import numpy as np
import pytest
from archive_parts import npy, put_together, refused, taken_apart, write

from imgcluster.keeping import archive as archive_module
from imgcluster.keeping.archive import MAX_MANIFEST_BYTES


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.imgcluster"


@pytest.mark.parametrize("cut", [1, 21, 22, 100, 0.5, 0.9])
def test_a_file_that_was_cut_off(path, cut):
    write(path, a=np.arange(99))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)] if cut < 1 else data[:-cut])
    refused(path, "its end is missing")


@pytest.mark.parametrize(
    "name", ["../evil.npy", "/etc/evil.npy", "a/../../b.npy", "C:\\evil.npy", "extra.npy", "a.npy.", "A.npy", "a.npy/"]
)
def test_no_other_names_are_taken(path, name, tmp_path):
    write(path, a=np.arange(3))
    manifest, members = taken_apart(path)
    put_together(path, manifest, {**members, name: npy([1])})
    refused(path, "not those of its list")
    put_together(path, manifest, {name: members["a.npy"]})
    refused(path, "not those of its list")
    manifest["arrays"][name.removesuffix(".npy")] = manifest["arrays"].pop("a")
    put_together(path, manifest, {name: members["a.npy"]})
    if name != "extra.npy":
        refused(path)
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208


def test_no_name_is_there_twice(path):
    write(path, a=np.arange(3))
    manifest, members = taken_apart(path)
    with pytest.warns(UserWarning, match="Duplicate"):
        put_together(path, manifest, [*members.items(), ("a.npy", npy([4, 5, 6]))])
    refused(path, "twice")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb_is_not_unpacked(path, method):
    zeros = np.zeros(2**20)
    write(path, a=zeros)
    manifest, members = taken_apart(path)
    put_together(path, manifest, members, compression=method)
    assert path.stat().st_size < 2**16
    tracemalloc.start()
    refused(path, "packed in another way")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20


def test_members_that_lie_over_each_other_are_refused(path):
    """One MB that each of 100 names leads to would be 100 MB."""
    arrays = {f"a{number:03d}": np.zeros(2**17 if number == 0 else 1) for number in range(100)}
    write(path, **arrays)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        first = next(info for info in file.infolist() if info.filename == "a000.npy")
    at = int.from_bytes(data[-6:-2], "little")
    for _ in range(101):
        length = sum(int.from_bytes(data[at + start : at + start + 2], "little") for start in (28, 30, 32))
        if data[at + 46 : at + 47] == b"a":
            for start in (20, 24):
                data[at + start : at + start + 4] = first.file_size.to_bytes(4, "little")
            data[at + 42 : at + 46] = first.header_offset.to_bytes(4, "little")
        at += 46 + length
    path.write_bytes(data)
    refused(path, "larger than the whole")


def test_a_long_table_of_contents_is_not_read(path, monkeypatch):
    with zipfile.ZipFile(path, "w") as file:
        for number in range(5000):
            file.writestr(f"{number}", b"")
    monkeypatch.setattr(archive_module.zipfile, "ZipFile", lambda *given: pytest.fail("the table is read"))
    refused(path, "table of contents is too long")
    data = bytearray(path.read_bytes())
    data[-14:-10] = (0).to_bytes(4, "little")  # so many entries in a few bytes, or the other way round
    path.write_bytes(data)
    refused(path, "table of contents is too long")
    data[-14:-10], data[-42:-38] = (100).to_bytes(4, "little"), b"PK\6\7"
    data[-12:-10] = (1).to_bytes(2, "little")
    path.write_bytes(data)
    refused(path, "table of contents is too long")


HOSTILE_ARRAYS = {
    "a pickle": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
    "nothing": b"",
    "objects": npy(np.zeros(3)).replace(b"'<f8'", b"'|O' "),
    "a record": npy(np.zeros(3)).replace(b"'<f8'", b"[('a','<f8')]"),
    "a huge shape": npy(np.zeros(3)).replace(b"(3,), }          ", b"(3000000000000,), }"),
    "a negative shape": npy(np.zeros(3)).replace(b"(3,), } ", b"(-3,), }"),
    "another order": npy(np.zeros(3)).replace(b"False", b"True "),
    "another type": npy(np.zeros(3, dtype=np.int64)),
    "another byte order": npy(np.zeros(3, dtype=">f8")),
    "another version": npy(np.zeros(3), version=(2, 0)),
    "too long": npy(np.zeros(3)) + b"\0",
    "too short": npy(np.zeros(3))[:-1],
    "other numbers": npy(np.ones(3)),
    "code": npy(np.zeros(3)).replace(b"(3,)", b"f(3)"),
    "many brackets": b"\x93NUMPY\x01\x00" + (60_000).to_bytes(2, "little") + b"(" * 60_000 + npy(np.zeros(3))[10:],
}


@pytest.mark.parametrize("data", HOSTILE_ARRAYS.values(), ids=HOSTILE_ARRAYS)
def test_an_array_that_is_not_what_the_list_says(path, data):
    write(path, a=np.zeros(3))
    manifest, _ = taken_apart(path)
    put_together(path, manifest, {"a.npy": data})
    refused(path)


HOSTILE_FACTS = [
    *({"dtype": kind} for kind in ("|O", "<U9", "<c8", "O8", ">f8", "<f16", "f8", None, 3, ["<f8"])),
    *({"shape": shape} for shape in ([-3], [3.0], ["3"], [True], [2**40], [], [1] * 5, 3, None, {"0": 3}, [10**30])),
    *({"blake2b": digest} for digest in ("0" * 64, "", None, 5)),
]


@pytest.mark.parametrize("facts", HOSTILE_FACTS, ids=str)
def test_a_list_that_is_not_what_the_array_is(path, facts):
    write(path, a=np.zeros(3))
    manifest, members = taken_apart(path)
    manifest["arrays"]["a"] |= facts
    put_together(path, manifest, members)
    refused(path)


def test_a_bool_is_yes_or_no(path):
    write(path, a=np.array([True, False]))
    manifest, members = taken_apart(path)
    spoilt = members["a.npy"][:-1] + b"\7"
    manifest["arrays"]["a"]["blake2b"] = archive_module._checksum(np.frombuffer(b"\1\7", dtype=np.uint8))
    put_together(path, manifest, {"a.npy": spoilt})
    refused(path, "more than yes and no")


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"\xff\xfe", b"[]", b"3", b"null", b"{", b'{"program": "imgcluster"}', b"[" * 200_000),
        *(b'{"program": "imgcluster", "kind": "model", "format": %s}' % each for each in (b"true", b"1.0", b'"1"')),
        b'{"program": "imgcluster", "kind": "model", "format": ' + b"9" * 5000 + b"}",
        b'{"program": "imgcluster", "kind": "<b>", "format": 1}',
        b'{"program": "imgcluster", "kind": "model", "format": 1, "header": {}}',
        b'{"program": "imgcluster", "kind": "model", "format": 1, "header": [], "arrays": {}}',
        b'{"program": "imgcluster", "kind": "model", "format": 1, "header": {}, "arrays": [1]}',
        *(
            b'{"program": "imgcluster", "kind": "model", "format": 1, "arrays": {}, "header": {"a": %s}}' % each
            for each in (b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b"{" * 50_000, b'{"a":' * 50_000)
        ),
        b" " * (MAX_MANIFEST_BYTES + 1),
    ],
    ids=range(23),
)
def test_a_manifest_that_makes_no_sense(path, text):
    put_together(path, text, {})
    refused(path)


def test_it_may_have_no_manifest(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("photo.png", b"x")
    refused(path, "no list of its parts")
