"""The document of the figures is rewritten section by section, and nothing else in it."""

import sys
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import BENCHMARKS, DOCUMENT, ROOT, Benchmark, command_of, main, run
from benchmarks.common import SKIPPED
from benchmarks.document import DocumentError, sections, with_section, write_whole
from benchmarks.plot import growth_svg, log_log_svg, series_of

TEXT = """# Figures

<!-- machine -->
<!-- /machine -->

Before.

<!-- first -->

old figures

<!-- /first -->

Between.

<!-- second -->
old too
<!-- /second -->
After, with <!-- a remark -->.
"""
FIRST, SECOND, GROWTH = Benchmark(name="first"), Benchmark(name="second", takes_folder=True), Benchmark(name="growth")


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "figures.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def answering(**answers):
    """Return what runs commands: an exit code and an output for each name."""
    return lambda command: answers[command[2].removeprefix("benchmarks.")]


def test_only_the_text_between_the_markers_changes():
    changed = with_section(TEXT, "first", "| new |\n")
    assert changed == TEXT.replace("old figures", "| new |")
    assert with_section(changed, "first", "| new |") == changed
    assert sections(with_section(TEXT, "second", "new")) == {"machine": "", "first": "old figures", "second": "new"}


def test_a_section_may_be_empty_at_first():
    assert sections(with_section("<!-- a -->\n<!-- /a -->", "a", "text")) == {"a": "text"}


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a -->\n",
        "<!-- /a -->\n",
        "<!-- a -->\n<!-- b -->\n<!-- /b -->\n<!-- /a -->\n",
        "<!-- a -->\n<!-- /b -->\n",
    ],
)
def test_markers_that_do_not_match_are_refused(text):
    with pytest.raises(DocumentError, match="a"):
        sections(text)


def test_two_sections_of_a_name_are_refused():
    with pytest.raises(DocumentError, match="line 3"):
        sections(2 * "<!-- a -->\n<!-- /a -->\n")


def test_an_unknown_section_and_markers_in_a_text_are_refused():
    with pytest.raises(DocumentError, match="third"):
        with_section(TEXT, "third", "new")
    with pytest.raises(DocumentError, match="marker"):
        with_section(TEXT, "first", "a\n<!-- /first -->\nb")


def test_a_document_is_written_whole(document):
    write_whole(document, "ä\n")
    assert document.read_bytes() == "ä\n".encode()
    assert [path.name for path in document.parent.iterdir()] == [document.name]


def test_benchmarks_fill_their_sections(document):
    assert run([FIRST, SECOND], document=document, execute=answering(first=(0, "one\n"), second=(0, "two\n"))) == []
    found = sections(document.read_text(encoding="utf-8"))
    assert found["first"].startswith("one\n\n*20") and found["second"].startswith("two\n\n*20")
    assert "Python" in found["machine"]
    assert "Between." in document.read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", [(1, "half a table"), (0, " \n"), (-9, ""), (0, "<!-- second -->")])
def test_a_benchmark_that_fails_keeps_its_section_and_the_others_go_on(document, answer, capsys):
    assert run([FIRST, SECOND], document=document, execute=answering(first=answer, second=(0, "two"))) == ["first"]
    found = sections(document.read_text(encoding="utf-8"))
    assert found["first"] == "old figures" and found["second"].startswith("two")
    assert "first" in capsys.readouterr().err


def test_a_benchmark_that_lacks_something_keeps_its_section_and_has_not_failed(document):
    assert run([FIRST], document=document, execute=answering(first=(SKIPPED, ""))) == []
    assert sections(document.read_text(encoding="utf-8"))["first"] == "old figures"


def test_nothing_runs_when_the_document_lacks_a_section(document):
    with pytest.raises(DocumentError, match="third"):
        run([FIRST, Benchmark(name="third")], document=document, execute=lambda command: pytest.fail("it ran"))
    assert document.read_text(encoding="utf-8") == TEXT


def test_what_is_changed_by_hand_meanwhile_stays(document):
    def execute(command):
        document.write_text(document.read_text(encoding="utf-8").replace("Between.", "Changed."), encoding="utf-8")
        return 0, "one"

    run([FIRST], document=document, execute=execute)
    assert "Changed." in document.read_text(encoding="utf-8")


def test_a_folder_is_passed_to_those_that_take_one(tmp_path):
    assert command_of(FIRST, str(tmp_path)) == [sys.executable, "-m", "benchmarks.first"]
    assert command_of(SECOND, str(tmp_path))[3:] == ["--folder", str(tmp_path)]
    assert command_of(SECOND, None)[3:] == []


def test_growth_is_drawn_beside_the_document(document):
    text = TEXT + "\n<!-- growth -->\n<!-- /growth -->\n"
    document.write_text(text, encoding="utf-8")
    output = "| rows | 1,000 | 2,000 |\n|---|---|---|\n| space, s | 0.1 | 1.5 |\n"
    assert run([GROWTH], document=document, execute=answering(growth=(0, output))) == []
    assert "space" in document.with_name("growth.svg").read_text(encoding="utf-8")
    assert run([GROWTH], document=document, execute=answering(growth=(0, "no table"))) == ["growth"]
    assert sections(document.read_text(encoding="utf-8"))["growth"].startswith(output.strip())


def test_series_are_read_from_a_table():
    table = "| rows | 1,000 | 2,000 |\n|---|---|---|\n| a, s | - | 0.5 |\n| b, MB | 1 | 2 |\n| c, s | 0 | 3 |"
    assert series_of(f"Text | with a bar\n\n{table}") == {"a": [(2000, 0.5)], "c": [(2000, 3)]}
    assert series_of("no table") == {}


def test_a_plot_is_svg_with_a_line_and_a_name_for_each_series():
    series = {f"stage <{number}>": [(10.0**power, 2.0) for power in range(1, 4)] for number in range(12)}
    root = ElementTree.fromstring(log_log_svg({**series, "empty": []}, across="rows", up="s", title="A & B"))
    lines = [each for each in root.iter() if each.tag.endswith("polyline")]
    names = {each.text: float(each.get("y")) for each in root.iter() if each.text in series}
    assert len(lines) == len(names) == len(series)
    heights = sorted(names.values())  # all twelve end in the same place: none of the names hides another
    assert min(b - a for a, b in pairwise(heights)) >= 13
    assert heights[0] > 0 and heights[-1] < 460


def test_a_plot_of_one_point_is_drawn_and_of_none_refused():
    ElementTree.fromstring(log_log_svg({"a": [(1000, 1.0)]}, across="rows", up="s", title=""))
    with pytest.raises(ValueError, match="nothing to draw"):
        growth_svg("")


def test_the_document_has_a_section_for_every_benchmark_and_no_other():
    names = {each.name for each in BENCHMARKS}
    assert set(sections(DOCUMENT.read_text(encoding="utf-8"))) == {"machine", *names}
    assert {name for name in names if not (ROOT / "benchmarks" / f"{name}.py").exists()} == set()


def test_the_list_has_a_sentence_for_every_benchmark(capsys):
    assert main(["--list"]) == 0
    assert all(len(line.split()) > 4 for line in capsys.readouterr().out.splitlines())
