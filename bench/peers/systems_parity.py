"""Whether the five systems here compute what pigrad computes.

    systems_parity.py tests/golden/recipes.safetensors

The file has three epochs' transitions of every recipe, made small, the parameters before them, and those after the
first and the third; tests/rl_recipes.cpp holds pigrad to the same numbers. Prints a line for each system and ends with
status 1 if a parameter differs by more than 1e-9 of the largest.
"""
import json
import struct
import sys

import numpy as np
import torch
from systems_learn import SYSTEMS, Rollout

EPOCHS, MOST = 3, 1e-9
KINDS = {"F64": np.float64, "I32": np.int32, "U8": np.uint8}


def read(path):
    """Arrays by name, and the metadata, of a safetensors file."""
    with open(path, "rb") as file:
        head = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    about = head.pop("__metadata__")
    arrays = {}
    for name, one in head.items():
        begin, end = one["data_offsets"]
        arrays[name] = np.frombuffer(data[begin:end], KINDS[one["dtype"]]).reshape(one["shape"])
    return arrays, about


def rollouts(arrays, key, features, dimensions):
    """What happened in each epoch."""
    shapes = arrays[key + "shape"].reshape(-1, 2)
    row = copy = final = 0
    for steps, copies in shapes:
        rows = slice(row, row + steps * copies)
        row += steps * copies
        ended = arrays[key + "end"][rows].reshape(steps, copies) > 0
        after = np.array(arrays[key + "edge_obs"].reshape(-1, features)[copy:copy + copies])
        finals = arrays[key + "final_obs"].reshape(-1, features)[final:final + ended.sum()]
        final, copy = final + ended.sum(), copy + copies
        # The last row's final observations are the last of all, in order of copies.
        if ended[-1].any():
            after[ended[-1]] = finals[-ended[-1].sum():]
        width = (dimensions,) if dimensions else ()
        action = arrays[key + "action"].reshape(-1, *width)[rows].reshape(steps, copies, *width)
        yield Rollout(obs=arrays[key + "obs"].reshape(-1, features)[rows].reshape(steps, copies, features),
                      action=action, reward=arrays[key + "reward"][rows].reshape(steps, copies),
                      ended=ended.astype(np.float64), after=after)


def put(system, vector):
    with torch.no_grad():
        for p in system.parameters():
            p.copy_(torch.from_numpy(vector[:p.numel()].copy()).reshape(p.shape))
            vector = vector[p.numel():]
    assert len(vector) == 0, "the networks have other sizes"


def apart(name, arrays, about):
    """The largest difference of a parameter, of the largest parameter."""
    key = name + ".source."
    settings = dict(line.split("=", 1) for line in about[key + "settings"].splitlines())
    features, _, dimensions, limit = (int(word) for word in about[key + "spec"].split())
    cls, options = SYSTEMS[name]
    small = type(cls.__name__, (cls,), {"scalar": torch.float64, "limit": limit})
    if cls.__name__ == "Tutorial":
        small.minibatch = int(settings["minibatch"])
    who = "critic" if cls.__name__ == "LinearPolicy" else "policy"
    hidden = settings[who + ".network.hidden"]
    system = small(**options, widths=[int(width) for width in hidden.strip("[]").split(",") if width.strip()])
    put(system, arrays[key + "start"])
    worst = 0.0
    for epoch, rollout in enumerate(rollouts(arrays, key, features, dimensions)):
        system.update(rollout)
        if epoch in (0, EPOCHS - 1):
            truth = arrays[key + f"after.{epoch}"]
            mine = np.concatenate([p.detach().numpy().ravel() for p in system.parameters()])
            worst = max(worst, np.abs(mine - truth).max() / np.abs(truth).max())
    return worst


def main():
    torch.set_num_threads(1)
    arrays, about = read(sys.argv[1])
    same = True
    for name in SYSTEMS:
        worst = apart(name, arrays, about)
        same = same and worst <= MOST
        print(f"{name}: parameters after 1 and {EPOCHS} epochs differ by {worst:.1e} of the largest"
              + ("" if worst <= MOST else ": DIFFERS"))
    return 0 if same else 1


sys.exit(main())
