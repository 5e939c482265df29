"""Five steps of each optimiser on identical gradients: writes optimisers.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, safetensors 0.8.0.
"""
import pathlib

import torch
from safetensors.torch import save_file

STEPS, SIZE = 5, 7
VARIANTS = {
    "sgd": (torch.optim.SGD, {}),
    "sgd_decay": (torch.optim.SGD, {"weight_decay": 0.1}),
    "sgd_momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "sgd_dampening": (torch.optim.SGD, {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    "sgd_nesterov": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1, "maximize": True}),
    "adam": (torch.optim.Adam, {}),
    "adam_decay": (torch.optim.Adam, {"weight_decay": 0.1, "betas": (0.8, 0.95), "eps": 1e-5}),
    "adam_maximise": (torch.optim.Adam, {"maximize": True, "betas": (0.3, 0.99)}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw_decay": (torch.optim.AdamW, {"weight_decay": 0.3, "maximize": True}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "rmsprop_momentum": (torch.optim.RMSprop, {"momentum": 0.9, "alpha": 0.9, "weight_decay": 0.1}),
    "rmsprop_centered": (torch.optim.RMSprop, {"centered": True, "eps": 1e-5}),
    "rmsprop_all": (torch.optim.RMSprop, {"centered": True, "momentum": 0.7, "weight_decay": 0.1, "maximize": True}),
}
RATES = [0.1, 0.1, 0.03, 0.2, 0.05]


def rmsprop_inside(start, gradients, initial, alpha=0.99, eps=1e-3):
    """RMSprop with the epsilon inside the root, in plain tensor operations."""
    theta, square = start.clone(), torch.full_like(start, initial)
    for rate, g in zip(RATES, gradients):
        square = alpha * square + (1 - alpha) * g * g
        theta = theta - rate * g / torch.sqrt(square + eps)
        yield theta.clone()


torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
start = torch.randn(SIZE)
gradients = torch.randn(STEPS, SIZE) * torch.logspace(-4, 2, SIZE)
gradients[:, 3] = 0
tensors = {"start": start, "gradients": gradients, "rates": torch.tensor(RATES)}
for name, (kind, options) in VARIANTS.items():
    theta = torch.nn.Parameter(start.clone())
    optimiser = kind([theta], **options)
    path = []
    for rate, g in zip(RATES, gradients):
        optimiser.param_groups[0]["lr"] = rate
        theta.grad = g.clone()
        optimiser.step()
        path.append(theta.detach().clone())
    tensors[name] = torch.stack(path)
tensors["rmsprop_inside"] = torch.stack(list(rmsprop_inside(start, gradients, 0.0)))
tensors["rmsprop_tensorflow"] = torch.stack(list(rmsprop_inside(start, gradients, 1.0)))
save_file(tensors, pathlib.Path(__file__).with_name("optimisers.safetensors"))
