"""What is exported reads back to the same numbers, and a file is whole or not there."""

import csv
import math

import numpy as np
import pytest

from reluviz.core.activations import Activation, Pieces
from reluviz.core.errors import InputError
from reluviz.core.export_regions import export_regions
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from tests.core.networks import random_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)


def test_every_region_reads_back_to_the_same_numbers(tmp_path):
    partition = decompose(random_network("relu", "hardtanh", outputs=2, seed=3), SQUARE)
    assert export_regions(partition, tmp_path / "regions.csv")
    with (tmp_path / "regions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == partition.count > 50
    for i, row in enumerate(rows):
        assert int(row["id"]) == i
        assert float(row["area"]) == partition.areas[i]
        assert [int(c) for c in row["pattern"]] == partition.patterns[i].tolist()
        for k in range(2):
            assert [float(row[f"gradient_x_{k}"]), float(row[f"gradient_y_{k}"])] == partition.gradients[i, k].tolist()
            assert float(row[f"intercept_{k}"]) == partition.intercepts[i, k]
        ring = [[float(c) for c in corner.split()] for corner in row["ring"].split(";")]
        assert ring == partition.vertices[partition.offsets[i] : partition.offsets[i + 1]].tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["regions.csv"]


def test_layers_that_the_budget_left_out_are_dots_and_their_maps_nan(tmp_path):
    partition = decompose(random_network("relu", "relu", width=8, seed=3), SQUARE, budget=40)
    export_regions(partition, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert row["pattern"][8:] == "." * 8
    assert math.isnan(float(row["intercept_0"]))


def test_pieces_beyond_nine_are_told_apart(tmp_path):
    breaks = tuple(float(t) for t in np.linspace(-2, 2, 14))
    stairs = Pieces(breaks, (1.0,) * 15, tuple(float(i) for i in range(15)), (1.0,) * 14)
    row = Activation("stairs", "Stairs", "", lambda _: stairs)
    network = Network.create([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], [row], [0.0])
    partition = decompose(network, (-3.0, 3.0, -3.0, 3.0))
    export_regions(partition, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        patterns = [[int(piece) for piece in row["pattern"].split()] for row in csv.DictReader(file)]
    assert patterns == partition.patterns.tolist()
    assert max(map(max, patterns)) == 14


def test_a_stopped_export_leaves_the_old_file_and_no_other(tmp_path):
    partition = decompose(random_network("relu", "relu", width=20, seed=1), SQUARE)
    path = tmp_path / "regions.csv"
    path.write_text("old")
    seen = []

    def stop_after_three(number):
        seen.append(number)
        return len(seen) < 1

    assert not export_regions(partition, path, stop_after_three)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert seen == [0]


def test_progress_is_told_as_rows_are_written(tmp_path):
    partition = decompose(random_network("relu", "relu", width=40, seed=1), SQUARE)
    seen = []
    assert export_regions(partition, tmp_path / "r.csv", lambda number: seen.append(number) is None)
    assert seen == list(range(0, partition.count, 1000))
    assert len(seen) > 1


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    partition = decompose(random_network("relu"), SQUARE)
    with pytest.raises(InputError, match="cannot be written"):
        export_regions(partition, tmp_path / "nowhere" / "r.csv")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    with pytest.raises(InputError, match=r"folder\.csv: cannot be written"):
        export_regions(partition, folder)
    assert list(tmp_path.iterdir()) == [folder]
