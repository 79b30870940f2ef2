"""Row groups are as large as fits the memory, whatever the lines are."""

from pathlib import Path

from handler import groups

USUAL = b"O00000001,Customer 0001,1234.50,shipped,2025-03-31\n"
LONG = b"O2," + b"c" * 60_000 + b",1.50,shipped,2025-03-31\n"


def rows_of(path: Path, *parts: bytes) -> int:
    """Return how many rows a group of a file of these parts may have."""
    path.write_bytes(b"".join(parts))
    return groups.rows(path, path.stat().st_size)


def filled(line: bytes, size: int) -> bytes:
    """Return a line as often as it fits into so many bytes."""
    return line * (size // len(line))


def test_usual_lines_make_groups_of_a_hundred_thousand(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", filled(USUAL, groups.SPAN * 2)) == groups.ROWS


def test_a_file_that_fits_the_memory_as_it_is_makes_no_smaller_groups(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", filled(LONG, groups.SPAN)) == groups.ROWS


def test_long_lines_make_groups_of_as_many_rows_as_a_span_has(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "a.csv", filled(LONG, groups.SPAN * 2))
    # what a few samples say of 559 lines is not exact
    assert 0.5 < rows / (groups.SPAN / len(LONG)) < 1.5


def test_long_lines_count_wherever_they_stand(tmp_path: Path) -> None:
    usual = filled(USUAL, groups.SPAN)
    rows = rows_of(tmp_path / "a.csv", usual, filled(LONG, groups.SPAN + groups.STRIDE), usual)
    assert rows < 2 * groups.SPAN / len(LONG)


def test_one_long_line_among_usual_ones_does_not_matter(tmp_path: Path) -> None:
    usual = filled(USUAL, groups.SPAN)
    assert rows_of(tmp_path / "a.csv", usual, LONG, usual) == groups.ROWS


def test_no_line_end_at_all_leaves_a_few_rows(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", b"c" * (groups.SPAN + 1)) == groups.FEWEST_ROWS
