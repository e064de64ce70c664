"""Every file that is read, damaged at random: it is read, or refused in one sentence, and nothing else."""

import random

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.modelfile import read_network
from reluviz.studio.scene import Scene, read_scene, write_scene

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)


def load(path):
    return load_dataset(Experiment(dataset=str(path), points=20))


def write_npz(path):
    np.savez(path, W0=np.ones((3, 2)), b0=np.ones(3), W1=np.ones((1, 3)), b1=np.ones(1))


KINDS = {
    "a.npz": (write_npz, read_network),
    "a.safetensors": (lambda p: save_file({"0.weight": np.ones((3, 2)), "0.bias": np.ones(3)}, p), read_network),
    "a.csv": (
        lambda p: p.write_text("x,y,label\n" + "".join(f"{i / 10},-{i},{'AB'[i % 2]}\n" for i in range(20))),
        load,
    ),
    "a.json": (lambda p: p.write_text(Experiment().to_json()), read_scene),
    "a.reluviz": (lambda p: write_scene(p, Scene(Experiment())), read_scene),
    "a.png": (lambda p: Image.fromarray(PIXELS).save(p), load),
    "a.jpg": (lambda p: Image.fromarray(PIXELS).save(p), load),
    "a.gif": (lambda p: Image.fromarray(PIXELS).save(p), load),
    "a.bmp": (lambda p: Image.fromarray(PIXELS).save(p), load),
    "a.tiff": (lambda p: Image.fromarray(PIXELS).save(p), load),
    "a.webp": (lambda p: Image.fromarray(PIXELS).save(p), load),
}


def damage(whole, source):
    """Change, cut out or put in a few bytes, or cut the end off."""
    data = bytearray(whole)
    for _ in range(source.choice((1, 1, 2, 5, 20))):
        place = source.randrange(len(data))
        match source.randrange(4):
            case 0:
                data[place] = source.randrange(256)
            case 1:
                del data[place : place + source.randrange(1, 20)]
            case 2:
                data[place:place] = source.randbytes(source.randrange(1, 10))
            case 3:
                del data[max(place, 1) :]
        data = data or bytearray(b"x")
    return bytes(data)


@pytest.mark.parametrize("name", KINDS)
def test_damaged_files_are_read_or_refused(name, tmp_path, capfd):
    make, read = KINDS[name]
    make(tmp_path / name)
    whole, source, refused = (tmp_path / name).read_bytes(), random.Random(name), 0
    read(tmp_path / name)
    for number in range(150):
        path = tmp_path / f"{number}{name}"
        path.write_bytes(damage(whole, source))
        try:
            read(path)
        except InputError as error:
            refused += 1
            message = str(error)
            assert path.name in message, message
            assert "\n" not in message, message
    assert refused > 20
    assert capfd.readouterr() == ("", "")
