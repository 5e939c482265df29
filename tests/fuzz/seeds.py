#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets into tests/fuzz/corpus. Needs safetensors and NumPy.

seeds.py PROGRAM LIBRARY    the built `pigrad` and libpigrad.so
"""
import ctypes
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
from safetensors import safe_open
from safetensors.numpy import load, save

here = pathlib.Path(__file__).parent / "corpus"


def put(target, name, content):
    folder = here / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


recipes = here.parents[2] / "recipes"
for name in ("a2c-cartpole", "ppo-pendulum", "npg-cartpole"):
    put("settings", name + ".yaml", (recipes / (name + ".yaml")).read_text())
put("settings", "dotted", "policy.network.hidden: [3]\npolicy: {optimiser: {learning_rate: 1e-3}}\nseed: 0x10\n")
put("settings", "anchors", "policy: &a\n  network: {hidden: [1, 2]}\ncritic: *a\n")
put("settings", "values",
    "gamma: .inf\nepochs: 1e3\ncopies: +4\nlog: \"csv,\\x41\"\nreset_each_epoch: yes\n---\na: 1\n")
put("settings", "comma", ",# a\n")
lines = ["gamma=0.99", "epochs=1e6", "policy.network.hidden=64,32", "policy.network.hidden=[]", "scalar=float64",
         "seed=9223372036854775807", "copies=-1", "policy=3", "=", "advantage.normalise=off",
         "policy.optimiser.learning_rate=1e-400", "gamma=0x1p-1"]
# No more than a target takes of an input.
for i in range(0, len(lines), 3):
    put("set", f"lines{i}", "\n".join(lines[i : i + 3]))
    put("c_interface", f"lines{i}", "\0" + "\n".join(lines[i : i + 3]))

kinds = {"f32": "<f4", "f64": "<f8", "i64": "<i8", "u8": "u1"}
put("safetensors", "kinds", save({k: numpy.arange(6).astype(d).reshape(2, 3) for k, d in kinds.items()}, {"a": "b"}))
put("safetensors", "scalar", save({"x": numpy.ones((), "<f4")}))
put("safetensors", "nothing", struct.pack("<Q", 8) + b"{}      ")
put("safetensors", "empty_side", save({"x": numpy.zeros((0, 7), "<f4")}))
put("safetensors", "overflow", struct.pack("<Q", 96)
    + b'{"x":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'.ljust(96))

cartpole = "episode,obs_0,obs_1,obs_2,obs_3,action,reward,terminated,truncated,weight\n"
put("transitions", "cartpole", "\0" + cartpole + "0,0,0.1,0,0,1,1,0,0,2\n0,0.1,-2e-1,0,0,0,1,1,0,1\n")
put("transitions", "quoted", "\0" + cartpole.replace("action", '"action"') + '0,"0",0,0,nan,1,inf,0,0,1\n1,0\n')
pendulum = "obs_0,obs_1,obs_2,action_0,reward,terminated,truncated,next_obs_0,next_obs_1,next_obs_2\n"
put("transitions", "pendulum", "\1" + pendulum + "1,0,0,0.5,-1,0,0,1,0,0.1\n1,0,0.1,-0.5,-1,0,1,1,0,0\n")

with tempfile.TemporaryDirectory() as folder:
    for recipe, scalar in (("a2c-cartpole", "float32"), ("ppo-pendulum", "float64")):
        settings = ["epochs=1", "steps=8", "copies=1", "minibatch=4", "policy.network.hidden=2",
                    "critic.network.hidden=2", f"scalar={scalar}", "observation.normalise=true", "evaluate_episodes=1"]
        words = [w for s in settings for w in ("--set", s)]
        run = f"{folder}/{recipe}"
        subprocess.run([sys.argv[1], "train", recipe, "--out", run, "--quiet", *words], check=True)
        with safe_open(run + "/last.safetensors", "numpy") as file:
            metadata = file.metadata()
            arrays = {name: file.get_tensor(name) for name in file.keys()}
        # Without its checksum, so that a changed file is read on.
        del metadata["pigrad_checksum"]
        lines = [line.split("  #")[0].rstrip() for line in metadata["settings"].splitlines()]
        metadata["settings"] = "\n".join(lines) + "\n"
        put("checkpoint", recipe, save(arrays, metadata))
        put("policy", recipe, pathlib.Path(run + "/last.safetensors").read_bytes())
        subprocess.run([sys.argv[1], "export", run, "--to", "safetensors", "--out", run + "/out", "--quiet"],
                       check=True)
        put("policy", recipe + "-exported", pathlib.Path(run + "/out").read_bytes())

for i in range(4):
    put("checkpoint_values", str(i), bytes([i, 0, 0, 0]) + struct.pack("<d", -1.0) + bytes([5, 2, 0])
        + struct.pack("<d", float("nan")) + bytes([9, 1, 0]) + struct.pack("<q", 2**62))
put("checkpoint_values", "many_rounds", bytes.fromhex("8b2a8b8b0140004000038b8b8b220005bf0540"))

c = ctypes.CDLL(sys.argv[2])
numbers = ctypes.POINTER(ctypes.c_double)


class Task(ctypes.Structure):
    _fields_ = [("api_version", ctypes.c_int32), ("name", ctypes.c_char_p), ("observations", ctypes.c_int32),
                ("low", numbers), ("high", numbers), ("choices", ctypes.c_int32), ("dimensions", ctypes.c_int32),
                ("action_low", numbers), ("action_high", numbers), ("max_steps", ctypes.c_int32)]


def without_checksum(content):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with safe_open(file.name, "numpy") as opened:
            metadata = dict(opened.metadata())
    del metadata["pigrad_checksum"]
    return save(load(content), metadata)


# As tests/fuzz/c_interface.cpp makes its trainers.
for kind, what in (("choices", 1), ("dimensions", 2)):
    settings, trainer, content = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    size = ctypes.c_size_t()
    assert c.pigrad_settings_new(ctypes.byref(settings), None) == 0
    for key, value in {"algorithm": "ppo", "copies": "2", "steps": "4", "minibatch": "4", "policy.network.hidden": "3",
                       "critic.network.hidden": "2", "observation.normalise": "true",
                       "observation.statistics": "rollout",
                       **({"policy.distribution": "gaussian"} if kind == "dimensions" else {})}.items():
        assert c.pigrad_settings_set(settings, key.encode(), value.encode(), None) == 0, key
    task = Task(api_version=1, name=b"fuzz", observations=2, **{kind: 2})
    error = ctypes.create_string_buffer(512)
    assert c.pigrad_trainer_new(settings, ctypes.byref(task), ctypes.byref(trainer), error) == 0, error.raw[4:]
    assert c.pigrad_trainer_save_memory(trainer, ctypes.byref(content), ctypes.byref(size), None) == 0
    saved = ctypes.string_at(content, size.value)
    put("c_interface", "trainer_" + kind, bytes([what]) + without_checksum(saved))
    put("c_interface", "trainer_" + kind + "_checked", bytes([what]) + saved)
    put("c_interface", "policy_" + kind, bytes([3]) + saved)
put("c_interface", "exported", b"\3" + (here / "policy" / "ppo-pendulum-exported").read_bytes())
