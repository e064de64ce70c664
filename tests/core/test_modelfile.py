import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

from reluviz.core.errors import InputError
from reluviz.core.modelfile import MAX_NUMBERS, read_network, write_npz
from reluviz.engine.pickled import read_pickle

W0, B0 = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.1, 0.2, 0.3])
W1, B1 = np.array([[1.0, -1.0, 0.5]]), np.array([0.7])
POINTS = np.random.default_rng(0).uniform(-1, 1, (50, 2))


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        path = tmp_path / "m.npz"
        np.savez(path, **arrays)
        return path

    return save


def module(*activations, widths=(2, 5, 4, 1)):
    torch.manual_seed(0)
    modules = []
    for i, activation in enumerate(activations):
        modules += [torch.nn.Linear(widths[i], widths[i + 1]), activation]
    return torch.nn.Sequential(*modules, torch.nn.Linear(widths[-2], widths[-1]))


def agrees(network, model):
    with torch.no_grad():
        expected = model.double()(torch.tensor(POINTS)).numpy()
    np.testing.assert_allclose(network.forward(POINTS), expected, rtol=1e-12, atol=1e-12)
    return True


def test_npz_holds_w_and_b_in_the_order_of_their_numbers(npz):
    network = read_network(npz(b1=B1, W1=W1, W0=W0, b0=B0), "leaky_relu", 0.2)
    z = POINTS @ W0.T + B0
    np.testing.assert_allclose(network.forward(POINTS), np.where(z > 0, z, 0.2 * z) @ W1.T + B1)


def test_ten_layers_are_ordered_by_number_not_by_name(npz):
    layers = [(W0[:2], B0[:2])] + [(np.eye(2) * (i + 1), np.zeros(2)) for i in range(11)]
    network = read_network(npz(**{f"{'Wb'[k]}{i}": pair[k] for i, pair in enumerate(layers) for k in (0, 1)}))
    assert [w[0, 0] for w in network.weights[1:]] == list(range(1, 12))


def test_what_is_written_is_read_back(tmp_path, npz):
    network = read_network(npz(W0=W0, b0=B0, W1=W1, b1=B1), "abs")
    write_npz(tmp_path / "again.npz", network)
    again = read_network(tmp_path / "again.npz", "abs")
    np.testing.assert_array_equal(again.flat(), network.flat())


def test_safetensors_of_a_sequential(tmp_path):
    model = module(torch.nn.ReLU(), torch.nn.ReLU())
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    assert agrees(read_network(tmp_path / "m.safetensors"), model)


def test_prelu_slopes_are_recognised_and_prefixes_allowed(tmp_path):
    model = module(torch.nn.PReLU(init=0.3), torch.nn.ReLU())
    save_file({f"net.{k}": v for k, v in model.state_dict().items()}, tmp_path / "m.safetensors")
    network = read_network(tmp_path / "m.safetensors")
    assert [row.name for row in network.activations] == ["prelu", "relu"]
    assert network.parameters[0] == pytest.approx(0.3)
    assert agrees(network, model)


def test_half_precision_and_no_bias(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False), torch.nn.ReLU(), torch.nn.Linear(3, 1)).half()
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    network = read_network(tmp_path / "m.safetensors")
    assert not network.biases[0].any()
    assert agrees(network, model)


def test_one_activation_for_all_or_one_each(npz):
    path = npz(W0=W0, b0=B0, W1=np.eye(3), b1=B0, W2=W1, b2=B1)
    assert [row.name for row in read_network(path, ["relu", "abs"]).activations] == ["relu", "abs"]
    for activation, parameter, message in [
        (["relu"] * 3, None, "3 entries of activation do not fit 2 hidden layers"),
        ("rellu", None, "'rellu' is unknown; allowed are relu"),
        ("leaky_relu", 7.0, "7.0 cannot be used for leaky_relu; allowed is -2 to 2"),
        ("leaky_relu", ["x", 1.0], "'x' cannot be used"),
    ]:
        with pytest.raises(InputError, match=message):
            read_network(path, activation, parameter)


BAD = {
    "not finite": (dict(W0=np.where(W0 == 3, np.nan, W0), b0=B0, W1=W1, b1=B1), r"0.weight\[1, 0\] is nan"),
    "infinite bias": (dict(W0=W0, b0=B0, W1=W1, b1=np.array([np.inf])), r"1.bias\[0\] is inf"),
    "transposed": (dict(W0=W0.T, b0=B0[:2], W1=W1, b1=B1), r"\(2, 3\), so 3 inputs.*is it transposed\?"),
    "three inputs": (dict(W0=np.ones((4, 3)), b0=np.ones(4)), "so 3 inputs; allowed is"),
    "bias of another length": (dict(W0=W0, b0=B0[:2], W1=W1, b1=B1), r"0.bias has shape \(2,\)"),
    "layers that do not fit": (dict(W0=W0, b0=B0, W1=W1[:, :2], b1=B1), r"shape \(1, 2\), but 0.weight gives 3"),
    "a convolution": (dict(W0=np.ones((4, 2, 3, 3)), b0=np.ones(4)), "0.weight has 4 dimensions"),
    "bias alone": (dict(W0=W0, b0=B0, b1=B1), "1.bias has no 1.weight"),
    "a foreign name": (dict(W0=W0, b0=B0, running_mean=B1), "'running_mean' belongs to no Linear layer"),
    "objects": (dict(W0=np.array([object()]), b0=B0), "holds Python objects, which is a pickle"),
    "complex": (dict(W0=W0 * 1j, b0=B0), "holds complex128; allowed are real"),
    "texts": (dict(W0=np.array([["a", "b"]]), b0=B0), "allowed are real numbers"),
    "empty": (dict(), "holds no layer"),
    "no units": (dict(W0=np.ones((0, 2)), b0=np.ones(0)), "0.bias has shape"),
    "a slope at the end": ({"0.weight": W0, "0.bias": B0, "1.weight": B1}, "the last layer is a PReLU"),
    "many slopes": (
        {"0.weight": W0, "0.bias": B0, "1.weight": B0, "2.weight": W1, "2.bias": B1},
        "holds 3 slopes of PReLU; allowed is one",
    ),
    "a norm layer": ({"0.weight": W0, "0.bias": B0, "1.weight": B0, "1.bias": B0}, "1.weight has 1 dimensions"),
}


@pytest.mark.parametrize(("arrays", "message"), BAD.values(), ids=BAD)
def test_bad_weights_are_refused_in_one_sentence(npz, arrays, message):
    path = npz(**arrays)
    with pytest.raises(InputError, match=message) as caught:
        read_network(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_something_else(tmp_path, write, npz):
    whole = npz(W0=W0, b0=B0, W1=W1, b1=B1).read_bytes()
    for path, message in [
        (write("cut.npz", whole[: len(whole) // 2]), "is damaged or no .npz file"),
        (write("text.npz", "hello"), "is damaged or no .npz file"),
        (write("text.safetensors", "hello, this is no header"), "is damaged or no .safetensors file"),
        (write("empty.safetensors", b""), "is damaged or no .safetensors file"),
        (write("claims.safetensors", struct.pack("<Q", 2**60) + b"{}"), "is damaged or no .safetensors file"),
        (write("m.onnx", b""), "'?.onnx'? is no kind of weights file; allowed are .npz"),
        (tmp_path / "none.npz", "there is no such file"),
        (tmp_path, "no suffix is no kind"),
    ]:
        with pytest.raises(InputError, match=message) as caught:
            read_network(path)
        assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    # 8 GB of zeros declared; the header is all that is read of it.
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 1)})
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W0.npy", header.getvalue() + bytes(10_000_000))
    with pytest.raises(InputError, match=f"declares 1,000,000,000 numbers; allowed are {MAX_NUMBERS:,}"):
        read_network(tmp_path / "bomb.npz")


def test_integers_and_bfloat(tmp_path, npz):
    assert read_network(npz(W0=W0.astype(int), b0=B0)).weights[0].dtype == np.float64
    save_file({"0.weight": torch.ones(3, 2, dtype=torch.bfloat16)}, tmp_path / "b.safetensors")
    with pytest.raises(InputError, match="holds BF16; allowed are F64, F32 and F16"):
        read_network(tmp_path / "b.safetensors")
    save_arrays({"0.weight": np.full((1, 2), np.nan)}, tmp_path / "n.safetensors")
    with pytest.raises(InputError, match=r"0.weight\[0, 0\] is nan"):
        read_network(tmp_path / "n.safetensors")


class Trap:
    """Leaves a trace where a pickle is run."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_is_refused_with_the_reason_and_not_run(tmp_path):
    (tmp_path / "m.pt").write_bytes(pickle.dumps(Trap(tmp_path / "trace")))
    with pytest.raises(InputError, match=r"opening one may run any program hidden in it.*--unsafe-pickle"):
        read_network(tmp_path / "m.pt")
    assert not (tmp_path / "trace").exists()


def test_pickles_are_read_when_insisted_on(tmp_path):
    model = module(torch.nn.LeakyReLU(0.2), torch.nn.Hardtanh())
    torch.save(model.state_dict(), tmp_path / "state.pt")
    assert agrees(read_pickle(tmp_path / "state.pt", ["leaky_relu", "hardtanh"], [0.2, None]), model)
    torch.save(model, tmp_path / "whole.pt")
    assert agrees(read_pickle(tmp_path / "whole.pt"), model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds a list; allowed are"),
        ({"0.weight": 3}, "holds a dict; allowed are"),
        (torch.nn.Sequential(torch.nn.Conv2d(2, 1, 3)), "module 0 is Conv2d; allowed are"),
        (torch.nn.Linear(2, 1), "a Linear cannot be used; allowed is torch.nn.Sequential"),
        (module(torch.nn.ReLU(), widths=(3, 4, 1)), "has 3 inputs; allowed are 2"),
    ],
)
def test_pickles_of_something_else(tmp_path, content, message):
    torch.save(content, tmp_path / "m.pt")
    with pytest.raises(InputError, match=message):
        read_pickle(tmp_path / "m.pt")


def test_a_damaged_pickle(write):
    with pytest.raises(InputError, match=r"is damaged or no file of torch\.save"):
        read_pickle(write("m.pt", b"hello"))
