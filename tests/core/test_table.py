import re

import numpy as np
import pytest

from reluviz.core import textfile
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import MAX_POINTS, Experiment
from reluviz.core.table import read_table
from reluviz.core.textfile import sample_lines


def load(path, **fields):
    return load_dataset(Experiment(dataset=str(path), **fields))


GOOD = {
    "comma and header": "x,y,label\n1,2,A\n3,4,B\n",
    "comma": "1,2,A\n3,4,B\n",
    "spaces": "1  2   A\n3 4 B\n",
    "tab": "x\ty\tclass\n1\t2\tA\n3\t4\tB\n",
    "semicolon": "1;2;A\n3;4;B\n",
    "space after comma": "1, 2, A\n3, 4, B\n",
    "quoted": '"x","y","label"\n"1","2","A"\n"3","4","B"\n',
    "comments and blank lines": "# made by hand\n\n1,2,A\n# more\n3,4,B\n\n",
    "named columns among others": "id,label,y,x\n7,A,2,1\n8,B,4,3\n",
    "old line ends": "1,2,A\r3,4,B\r",
    "windows line ends": "x,y,label\r\n1,2,A\r\n3,4,B\r\n",
    "no last line end": "1,2,A\n3,4,B",
    "byte order mark": "\ufeffx,y,label\n1,2,A\n3,4,B\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_the_same_table_in_many_spellings(write, text):
    table = read_table(write("t.csv", text))
    assert table.points.tolist() == [[1, 2], [3, 4]]
    assert table.targets.tolist() == [0, 1]
    assert table.classes == ("A", "B")
    assert table.note == ""


def test_utf16_and_decimal_commas(write):
    table = read_table(write("t.csv", "x;y;Wert\n1,5;2,5;0,25\n2;-1e-1;0,75\n".encode("utf-16")))
    assert table.points.tolist() == [[1.5, 2.5], [2.0, -0.1]]
    assert table.targets.tolist() == [[0.25], [0.75]]
    assert table.classes == ()


@pytest.mark.parametrize(
    ("column", "targets", "classes"),
    [
        (["0", "1", "0", "1"], [0, 1, 0, 1], ("0", "1")),
        (["10", "9", "-1", "9"], [2, 1, 0, 1], ("-1", "9", "10")),
        (["1.0", "-1", "1", "-1.0"], [1, 0, 1, 0], ("-1", "1")),
        (["a", "1", "b", "1"], [1, 0, 2, 0], ("1", "a", "b")),
        (["0.5", "1", "0.5", "2"], [[0.5], [1], [0.5], [2]], ()),
    ],
)
def test_what_a_column_means(write, column, targets, classes):
    table = read_table(write("t.csv", "".join(f"{i},{i * i},{c}\n" for i, c in enumerate(column))))
    assert table.targets.tolist() == targets
    assert table.classes == classes


def test_a_header_decides_what_numbers_are(write):
    rows = "0,0,1\n1,1,2\n"
    assert read_table(write("a.csv", "x,y,value\n" + rows)).classes == ()
    assert read_table(write("b.csv", "x,y,label\n" + rows)).classes == ("1", "2")
    nine = "x,y,label\n" + "".join(f"{i},{i},{i}.5\n" for i in range(9))
    with pytest.raises(InputError, match="9 different labels; allowed are 2 to 8"):
        read_table(write("c.csv", nine))


BAD = {
    "empty": (b"", "is empty; allowed"),
    "only a header": (b"x,y,label\n", "has 0 rows of data; allowed are 2 or more"),
    "one point": (b"x,y,label\n1,2,A\n", "has 1 row of data"),
    "one class": (b"1,2,A\n2,3,A\n", "column 3 has one label only, 'A', in 2 rows"),
    "two columns": (b"x,y\n1,2\n3,4\n", "line 1 names 2 columns; allowed are three"),
    "a short row": (b"1,2,A\n3,4\n5,6,B\n", "line 2 has 2 columns; allowed are three"),
    "five columns": (b"1,2,3,4,5\n1,2,3,4,5\n", "line 1 has 5 columns"),
    "text in numbers": (b"x,y,label\n1,2,A\n1,abc,A\n3,4,B\n", r"line 3, column 2 \(y\): 'abc' is not a number"),
    "nan": (b"1,nan,A\n2,3,B\n", r"line 1, column 2 \(y\): 'nan' is not finite"),
    "infinity": (b"1,2,A\n\n-inf,3,B\n", r"line 3, column 1 \(x\): '-inf' is not finite"),
    "a nan among values": (b"x,y,value\n1,2,nan\n1,3,0\n", r"line 2, column 3 \(value\): 'nan' is not finite"),
    "an empty label": (b"1,2,A\n2,3,\n", "line 2, column 3 is empty"),
    "nine texts": (b"".join(b"1,%d,c%d\n" % (i, i) for i in range(9)), "line 1, column 3: 'c0' is not a number, and"),
    "one text among numbers": (
        b"".join(b"1,%d,%d.5\n" % (i, i) for i in range(9)) + b"1,9,oops\n",
        "line 10, column 3: 'oops' is not a number",
    ),
    "binary": (bytes(range(256)), "line 1 holds binary data"),
    "binary later": (b"1,2,A\n" * 3000 + b"1,\0,B\n", "line 3001 holds binary data"),
    "latin 1": ("1,2,A\n1,3,ä\n".encode("latin-1"), "line 2 is not UTF-8 text; allowed are UTF-8 and UTF-16"),
    "utf-32": ("1,2,A\n1,3,B\n".encode("utf-32"), "is UTF-32 text"),
    "a long line": (b"1,2,A\n1,2," + b"a" * 5000, "line 2 is longer than 1000 characters"),
    "underscores": (b"1_0,2,A\n3,4,B\n", "'1_0' is not a number"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_bad_tables_are_refused_in_one_sentence_that_names_the_file(write, content, message):
    path = write("bad.csv", content)
    with pytest.raises(InputError, match=re.escape(str(path)) + ".*" + message) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "allowed" in str(caught.value)


def test_names_that_are_no_files(tmp_path):
    for name, message in [
        ("spirl", "did you mean spiral"),
        ("nothing", "allowed are circle, xor"),
        (str(tmp_path / "no.csv"), "no.csv: there is no such file"),
        (str(tmp_path), "is not a file"),
        ("a\0b.csv", "there is no such file"),
    ]:
        with pytest.raises(InputError, match=message):
            load(name)


def test_points_are_moved_into_the_square_and_back(write):
    dataset = load(write("t.csv", "100,7,A\n300,7,B\n200,7,B\n"))
    assert dataset.points.tolist() == [[-1, 0], [1, 0], [0, 0]]
    back = dataset.points * dataset.scale + dataset.center
    assert back.tolist() == [[100, 7], [300, 7], [200, 7]]
    huge = load(write("h.csv", "1e308,1,A\n-1e308,2,B\n"))
    assert huge.points.tolist() == [[1, -1], [-1, 1]]


def test_points_that_fill_the_square_stay(write):
    dataset = load(write("t.csv", "0.1,-0.9,A\n0.8,0.2,B\n"))
    assert dataset.points.tolist() == [[0.1, -0.9], [0.8, 0.2]]
    assert (dataset.center, dataset.scale) == ((0, 0), (1, 1))


def test_values_far_from_one_are_scaled_and_said_to_be(write):
    dataset = load(write("t.csv", "x,y,value\n0,0,1000\n1,1,3000\n"))
    assert dataset.targets.tolist() == [[-1], [1]]
    assert (dataset.value_center, dataset.value_scale) == (2000, 1000)
    assert "(value - 2000) / 1000" in dataset.note
    constant = load(write("c.csv", "x,y,value\n0,0,7\n1,1,7\n"))
    assert np.isfinite(constant.targets).all()


def test_every_row_is_a_point_split_by_seed(write):
    path = write("t.csv", "".join(f"{i},{i % 7},{'AB'[i % 2]}\n" for i in range(200)))
    one, two = load(path, points=10, data_seed=1), load(path, points=10, data_seed=2)
    assert len(one.points) == 200
    assert one.train_count == two.train_count == 140
    assert np.bincount(one.targets[one.is_train]).tolist() == [70, 70]
    assert not np.array_equal(one.is_train, two.is_train)


def test_a_changed_file_is_read_again(write):
    path = write("t.csv", "1,2,A\n3,4,B\n")
    first = load(path)
    assert load(path) is first
    write("t.csv", "1,2,A\n3,4,B\n5,6,C\n")
    assert load(path).classes == ("A", "B", "C")


def test_the_sample_of_a_long_file_is_even_and_fixed(write):
    path = write("long.txt", "head\n" + "".join(f"{i}\n" for i in range(50_000)))
    sample = sample_lines(path, 2000)
    assert sample == sample_lines(path, 2000)
    assert sample.total == 50_001
    assert sample.lines[0] == (1, "head")
    numbers = np.array([int(text) for _, text in sample.lines[1:]])
    assert len(set(numbers)) == 2000
    assert [number for number, _ in sample.lines[1:]] == (numbers + 2).tolist()
    # Even: each tenth of the file has about a tenth of the sample (standard deviation 13).
    assert np.abs(np.histogram(numbers, 10, (0, 50_000))[0] - 200).max() < 60


def test_more_rows_than_points_allowed(write):
    text = "x,y,label\n" + "".join(f"{i},{i % 5},{i % 2}\n" for i in range(MAX_POINTS + 500))
    table = read_table(write("long.csv", text))
    assert len(table.points) == MAX_POINTS
    assert table.note == "A fixed sample of 100,000 of the file's 100,500 rows is used."


def test_reading_stops_at_its_limit(write, monkeypatch):
    monkeypatch.setattr(textfile, "MAX_BYTES", 1000)
    monkeypatch.setattr(textfile, "CHUNK_BYTES", 600)
    table = read_table(write("long.csv", "".join(f"{i % 10},{i % 7},{i % 2}\n" for i in range(1000))))
    assert 190 <= len(table.points) <= 210
    assert "of the file's first 200 rows" in table.note
