import shutil
import threading
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images
from PIL import Image

from imgcluster.errors import Cancelled, ExtractorError, NoImagesError, UnreadableImageError
from imgcluster.extractors.registry import get_extractor
from imgcluster.features import extraction, reading
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import decode, read_bytes


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "pictures", 70)
    return tmp_path / "pictures"


def reference_vectors(collection):
    """One image at a time, no store, no threads."""
    fake = FakeExtractor()
    return np.concatenate([fake(fake.prepare(decode(read_bytes(image)))[np.newaxis]) for image in collection.images])


def extract(folder, store, **options):
    """Scan the folder and extract with a new fake; return both."""
    fake = FakeExtractor()
    return extract_features(find_images(folder), extractor=fake, store=store, **options), fake


def test_equals_one_at_a_time(folder, store):
    result, fake = extract(folder, store)
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(result.collection))
    assert result.features.vectors.dtype == np.float32
    assert not result.features.vectors.flags.writeable
    assert fake.batches == [32, 32, 6]
    assert fake.loads == 1
    assert result.collection == find_images(folder)
    assert len(set(result.features.hashes)) == 70
    assert set(store.thumbnails(result.features.hashes)) == set(result.features.hashes)


def test_a_second_run_works_on_nothing(folder, store, monkeypatch):
    first, _ = extract(folder, store)
    monkeypatch.setattr(reading, "read_bytes", lambda image: pytest.fail("read again"))
    second, fake = extract(folder, store)
    assert fake.seen == fake.loads == 0
    assert second.features.fingerprint == first.features.fingerprint
    np.testing.assert_array_equal(second.features.vectors, first.features.vectors)


def test_only_new_and_changed_files_are_worked_on(folder, store):
    extract(folder, store)
    write_images(folder / "new", 3, seed=1)
    (changed,) = write_images(folder / "other", 1, seed=2)
    changed.rename(folder / "0005.png")
    (folder / "other").rmdir()
    (folder / "0007.png").unlink()
    result, fake = extract(folder, store)
    assert fake.seen == 4
    assert len(result.collection) == 72
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(result.collection))


def test_renamed_and_copied_files_are_read_but_not_worked_on(folder, store):
    extract(folder, store)
    folder.rename(folder.with_name("renamed"))
    shutil.copytree(folder.with_name("renamed"), folder.with_name("renamed") / "copy")
    result, fake = extract(folder.with_name("renamed"), store)
    assert len(result.collection) == 140
    assert fake.seen == fake.loads == 0


def test_copies_are_worked_on_once(tmp_path, store):
    (path,) = write_images(tmp_path / "pictures", 1)
    for index in range(50):
        shutil.copy(path, path.with_name(f"copy{index}.png"))
    result, fake = extract(tmp_path / "pictures", store)
    assert fake.seen == 1
    assert len(set(result.features.hashes)) == 1
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(result.collection))


def test_two_files_of_one_name_are_two_images(tmp_path, store):
    write_images(tmp_path / "a", 1, seed=1)
    write_images(tmp_path / "b", 1, seed=2)
    result, _ = extract(tmp_path, store)
    assert result.collection.paths == ("a/0000.png", "b/0000.png")
    assert len(set(result.features.hashes)) == 2


def test_fingerprint_says_content_order_and_extractor(folder, store):
    collection = find_images(folder)
    seen = set()
    for changed in (collection, replace(collection, images=collection.images[::-1])):
        seen.add(extract_features(changed, extractor=FakeExtractor(), store=store).features.fingerprint)
    other = FakeExtractor()
    other.id = "fake-2"
    seen.add(extract_features(collection, extractor=other, store=store).features.fingerprint)
    assert len(seen) == 3


def test_inside_a_zip_file(folder, store):
    path = folder.with_name("pictures.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    loose, _ = extract(folder, store)
    zipped, fake = extract(path, store)
    assert fake.seen == 0  # the same content
    np.testing.assert_array_equal(zipped.features.vectors, loose.features.vectors)
    assert store.hashes(zipped.collection.images) == list(zipped.features.hashes)


def test_bad_files_are_skipped_with_their_reason_and_not_tried_again(folder, store, monkeypatch):
    good = (folder / "0000.png").read_bytes()
    (folder / "0001.png").write_bytes(good[: len(good) // 2])
    (folder / "0002.png").write_bytes(b"no picture")
    (folder / "0003-as-well.png").write_bytes(b"no picture")
    result, fake = extract(folder, store)
    assert (len(result.collection), fake.seen) == (68, 68)
    assert [skipped.path for skipped in result.collection.skipped] == ["0001.png", "0002.png", "0003-as-well.png"]
    assert all(skipped.reason for skipped in result.collection.skipped)

    monkeypatch.setattr(reading, "decode", lambda *_, **__: pytest.fail("tried again"))
    again, _ = extract(folder, store)
    assert again.collection == result.collection


def test_what_another_version_could_not_decode_is_tried_again(folder, store, monkeypatch):
    (folder / "0001.png").write_bytes(b"no picture")
    assert len(extract(folder, store)[0].collection) == 69
    monkeypatch.setattr(reading.PIL, "__version__", "99.0")
    monkeypatch.setattr(reading, "decode", lambda data, **_: Image.new("RGB", (4, 4)))
    result, fake = extract(folder, store)
    assert (len(result.collection), fake.seen) == (70, 1)


def test_too_many_pixels_under_this_limit_only(folder, store):
    Image.new("RGB", (100, 100)).save(folder / "large.png")
    small, _ = extract(folder, store, max_pixels=9_999)
    assert [skipped.path for skipped in small.collection.skipped] == ["large.png"]
    large, _ = extract(folder, store, max_pixels=10_000)
    assert large.collection.skipped == ()


def test_too_little_memory_is_tried_again(folder, store, monkeypatch):
    def fail(data, **_):
        raise UnreadableImageError("there is not enough memory to open it") from MemoryError()

    with monkeypatch.context() as patch, pytest.raises(NoImagesError):
        patch.setattr(reading, "decode", fail)
        extract(folder, store)
    assert len(extract(folder, store)[0].collection) == 70


def test_files_that_vanish(folder, store):
    collection = find_images(folder)
    (folder / "0004.png").unlink()
    result = extract_features(collection, extractor=FakeExtractor(), store=store)
    assert [skipped.path for skipped in result.collection.skipped] == ["0004.png"]
    assert "vanished" in result.collection.skipped[0].reason


def test_a_file_that_changes_while_it_is_read(folder, store, monkeypatch):
    """Its vector is that of the bytes that were read, and the file is looked at again next time."""
    collection = find_images(folder)
    old = reference_vectors(collection)[0]

    def read_and_change(image):
        data = read_bytes(image)
        if image.path == "0000.png":
            (changed,) = write_images(folder.with_name("elsewhere"), 1, seed=9)
            shutil.copy(changed, image.source)
        return data

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_bytes", read_and_change)
        first = extract_features(collection, extractor=FakeExtractor(), store=store)
    np.testing.assert_array_equal(first.features.vectors[0], old)
    assert store.hashes(find_images(folder).images)[0] is None
    second, fake = extract(folder, store)
    assert fake.seen == 1
    np.testing.assert_array_equal(second.features.vectors, reference_vectors(second.collection))


def test_a_file_that_changed_since_it_was_found(folder, store):
    collection = find_images(folder)
    (changed,) = write_images(folder.with_name("elsewhere"), 1, seed=9)
    shutil.copy(changed, folder / "0000.png")
    result = extract_features(collection, extractor=FakeExtractor(), store=store)
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(find_images(folder)))
    assert extract(folder, store)[1].seen == 0


def test_nothing_usable(tmp_path, store):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(NoImagesError) as caught:
        extract(tmp_path, store)
    assert caught.value.hint


def test_an_extractor_that_gives_no_number(folder, store):
    class Broken(FakeExtractor):
        def __call__(self, batch):
            vectors = super().__call__(batch)
            vectors[0, 3] = np.nan
            return vectors

    result = extract_features(find_images(folder), extractor=Broken(), store=store)
    assert [skipped.path for skipped in result.collection.skipped] == ["0000.png", "0032.png", "0064.png"]


def test_an_extractor_that_fails_ends_the_run_and_keeps_the_batches_before(folder, store):
    class Failing(FakeExtractor):
        def __call__(self, batch):
            if self.seen >= 32:
                raise ExtractorError("The network has come apart.")
            return super().__call__(batch)

    with pytest.raises(ExtractorError):
        extract_features(find_images(folder), extractor=Failing(), store=store)
    assert extract(folder, store)[1].seen == 70 - 32


def test_cancel_keeps_the_finished_batches(folder, store):
    cancel = threading.Event()

    def stop_in_third_batch(report):
        if report.done == 66:
            cancel.set()

    with pytest.raises(Cancelled):
        extract(folder, store, progress=stop_in_third_batch, cancel=cancel)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("decode")]
    result, fake = extract(folder, store)
    assert fake.seen == 70 - 64
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(result.collection))


def test_cancel_while_a_slow_disk_is_waited_for(folder, store, monkeypatch):
    release, cancel = threading.Event(), threading.Event()
    monkeypatch.setattr(reading, "read_bytes", lambda image: release.wait(30) and read_bytes(image))
    timers = [threading.Timer(0.2, cancel.set), threading.Timer(1.0, release.set)]
    for timer in timers:
        timer.start()
    with pytest.raises(Cancelled):
        extract(folder, store, cancel=cancel)
    assert extract(folder, store)[1].seen == 70


def test_progress(folder, store):
    collection = find_images(folder)
    extract_features(replace(collection, images=collection.images[:20]), extractor=FakeExtractor(), store=store)
    reports = []
    extract(folder, store, progress=reports.append)
    assert (reports[0].done, reports[0].total, reports[0].fresh) == (20, 70, 0)
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    last = reports[-1]
    assert (last.done, last.total, last.fresh, last.current) == (70, 70, 50, "0069.png")
    assert last.rate == pytest.approx(50 / last.seconds)


def test_time_for_loading_is_not_counted(folder, store):
    class Slow(FakeExtractor):
        def load(self):
            time.sleep(0.5)

    reports = []
    extract_features(find_images(folder), extractor=Slow(), store=store, progress=reports.append)
    assert reports[-1].seconds < 0.5


def test_decoding_goes_on_while_the_network_runs_but_not_without_end(tmp_path, store):
    class Counting(FakeExtractor):
        prepared = 0
        counts = ()

        def prepare(self, image):
            self.prepared += 1
            return super().prepare(image)

        def __call__(self, batch):
            deadline = time.monotonic() + 30
            while self.prepared < 96 and time.monotonic() < deadline:
                time.sleep(0.005)
            self.counts += (self.prepared,)
            return super().__call__(batch)

    write_images(tmp_path / "pictures", 200)
    fake = Counting()
    extract_features(find_images(tmp_path / "pictures"), extractor=fake, store=store)
    assert 96 <= fake.counts[0] <= 32 + 96 + 1


def test_estimate(folder, store):
    collection = find_images(folder)
    unmeasured = survey_images(collection, store=store).seconds
    assert 1 < unmeasured < 60
    store.put_rate(get_extractor("efficientnet_lite0").id, 1.0)
    assert survey_images(collection, store=store).seconds > 70
    extract(folder, store)
    assert survey_images(collection, extractor=FakeExtractor(), store=store).seconds == 0


def test_a_long_run_is_measured(tmp_path, store, monkeypatch):
    monkeypatch.setattr(extraction, "_LEAST_MEASURED", 64)
    write_images(tmp_path / "pictures", 70)
    extract(tmp_path / "pictures", store)
    assert store.rate("fake-1") > 0


def test_a_store_that_is_destroyed_on_the_way(folder, store):
    """What was committed is lost; the run begins anew by itself and ends with everything."""

    class Vandal(FakeExtractor):
        def __call__(self, batch):
            if self.seen == 64:
                store._connection.execute("DELETE FROM features")
            return super().__call__(batch)

    fake = Vandal()
    result = extract_features(find_images(folder), extractor=fake, store=store)
    np.testing.assert_array_equal(result.features.vectors, reference_vectors(result.collection))


def test_the_network_itself(network, tmp_path):
    """One at a time, in batches, in two goes: the same bits."""
    write_images(tmp_path / "pictures", 35)
    collection = find_images(tmp_path / "pictures")
    alone = [network(network.prepare(decode(read_bytes(image)))[np.newaxis])[0] for image in collection.images[:3]]
    with Store(tmp_path / "once") as store:
        once = extract_features(collection, store=store).features.vectors
    with Store(tmp_path / "twice") as store:
        extract_features(replace(collection, images=collection.images[10:20]), store=store)
        twice = extract_features(collection, store=store).features.vectors
    np.testing.assert_array_equal(once[:3], alone)
    np.testing.assert_array_equal(once, twice)
    assert once.shape == (35, 1280)
