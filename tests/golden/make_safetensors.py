"""A file of every dtype, with metadata, as the Python library writes it: safetensors.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, safetensors 0.8.0.
With an argument, instead checks that the file named holds the same, read by the Python library.
"""
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

TENSORS = {
    "weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 1,
    "alpha": torch.tensor([[1.0 / 3, -2.5e300]], dtype=torch.float64),
    "mask": torch.tensor([1, 2, 255], dtype=torch.uint8),
    "step": torch.tensor(-5, dtype=torch.int64),
    "seed": torch.tensor([2**64 - 1], dtype=torch.uint64),
    "count": torch.tensor([2**32 - 1, 0], dtype=torch.uint32),
    "index": torch.tensor([-(2**31), 7], dtype=torch.int32),
    "empty": torch.zeros(0, 3),
}
METADATA = {"who": 'a "quoted" é\n'}

if len(sys.argv) == 1:
    save_file(TENSORS, pathlib.Path(__file__).with_name("safetensors.safetensors"), METADATA)
else:
    with safe_open(sys.argv[1], "pt") as file:
        assert file.metadata() == METADATA, file.metadata()
        assert set(file.keys()) == set(TENSORS), file.keys()
        for name, expected in TENSORS.items():
            got = file.get_tensor(name)
            assert got.dtype == expected.dtype and got.shape == expected.shape and torch.equal(got, expected), name
    print("equal")
