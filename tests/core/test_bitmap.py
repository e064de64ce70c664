import numpy as np
import pytest
from PIL import Image

from reluviz.core.bitmap import MAX_PIXELS, read_bitmap
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment

RAMP = np.linspace(0, 255, 20 * 30).astype(np.uint8).reshape(20, 30)


def test_grey_values_are_learned_where_the_pixels_are(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "g.png")
    dataset = load_dataset(Experiment(dataset=str(tmp_path / "g.png"), noise=0.0, points=300))
    assert dataset.targets.shape == (300, 1)
    assert not dataset.is_classes
    # The longer side is [-1, 1], y points up, and a pixel's value is at its centre.
    x, y = dataset.points.T
    column, row = np.round(x * 15 + 14.5).astype(int), np.round(9.5 - y * 15).astype(int)
    np.testing.assert_allclose(dataset.points[:, 0], (column - 14.5) / 15)
    np.testing.assert_allclose(dataset.targets[:, 0], RAMP[row, column] / 127.5 - 1)


@pytest.mark.parametrize(
    ("name", "array", "channels"),
    [
        ("rgb.png", np.dstack([RAMP, RAMP[::-1], RAMP // 2]), 3),
        ("grey_as_rgb.bmp", np.dstack([RAMP] * 3), 1),
        ("deep.png", RAMP.astype(np.uint16) * 257, 1),
        ("float.tiff", RAMP.astype(np.float32), 1),
        ("alpha.webp", np.dstack([RAMP, RAMP[::-1], RAMP, RAMP]), 3),
    ],
)
def test_kinds_of_images(tmp_path, name, array, channels):
    Image.fromarray(array).save(tmp_path / name)
    values = read_bitmap(tmp_path / name).values
    assert values.shape == (20, 30, channels)
    assert values.min() >= -1
    assert values.max() <= 1
    assert values.max() - values.min() > 0.8
    if name in ("deep.png", "grey_as_rgb.bmp", "float.tiff"):
        np.testing.assert_allclose(values[..., 0], RAMP / 127.5 - 1, atol=1e-6)


def test_large_images_are_made_smaller_and_transparency_is_white(tmp_path):
    Image.new("RGB", (2000, 1000), "red").save(tmp_path / "large.jpg")
    assert read_bitmap(tmp_path / "large.jpg").values.shape == (256, 512, 3)
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_bitmap(tmp_path / "clear.png").values == 1).all()


def test_the_name_may_lie_about_the_kind(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "picture.dat", format="PNG")
    assert load_dataset(Experiment(dataset=str(tmp_path / "picture.dat"))).targets.shape == (500, 1)


def test_what_is_no_image_is_refused_in_a_sentence(tmp_path, write):
    Image.fromarray(RAMP).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    half = write("half.png", whole[: len(whole) // 2])
    # A file of one row that claims to be enormous: the header is all that is ever read.
    Image.new("1", (MAX_PIXELS // 100, 101)).save(tmp_path / "bomb.png")
    for path, message in [
        (write("text.png", "hello"), "is no image that can be read; allowed are PNG, JPEG"),
        (write("empty.jpg", b""), "is no image that can be read"),
        (half, "the image is damaged"),
        (tmp_path / "bomb.png", "allowed are at most 50,000,000 in all"),
        (tmp_path / "none.png", "there is no such file"),
    ]:
        with pytest.raises(InputError, match=message) as caught:
            load_dataset(Experiment(dataset=str(path)))
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)
