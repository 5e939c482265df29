"""Three epochs of every recipe, made small: writes recipes.safetensors beside this file.

    ninja -C build golden_recipes && build/tests/golden_recipes /tmp/rollouts
    python tests/golden/make_recipes.py /tmp/rollouts

Made with Python 3.11, torch 2.15.0, numpy 2.4.6, safetensors 0.8.0, in float64 on one thread.

The first command plays each recipe in its environment and writes what happened; here the settings are read as the
papers and Stable-Baselines3 mean them, and the same transitions are learnt from. Estimates are made path by path with
NumPy loops; gradients, clipping and optimisers are PyTorch's. A setting that differs from its default and that nothing
reads is an error, so that no recipe passes by being misread. What is kept: the transitions, and the parameters before,
after one epoch and after three.
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch
from safetensors.numpy import load_file, save

from recipe_agent import Agent, Settings
from recipe_estimates import RewardScale
from recipe_updates import Joint, Natural, Separate

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
EPOCHS = 3


def metadata_of(path):
    with open(path, "rb") as file:
        return json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["__metadata__"]


def write(path, tensors, metadata):
    """With the header's keys in order, so that the same numbers are the same bytes."""
    bytes_ = save(tensors, metadata=metadata)
    end = 8 + struct.unpack("<Q", bytes_[:8])[0]
    header = json.dumps(json.loads(bytes_[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes_[end:])


def rollout_of(dump, key, features, dimensions):
    steps, copies = dump[key + "shape"]
    data = {"end": dump[key + "end"].reshape(steps, copies).astype(np.uint8)}
    data["obs"] = dump[key + "obs"].reshape(steps, copies, features)
    data["edge_obs"] = dump[key + "edge_obs"].reshape(copies, features)
    data["final_obs"] = np.zeros_like(data["obs"])
    data["final_obs"][data["end"] > 0] = dump[key + "final_obs"].reshape(-1, features)
    action = dump[key + "action"].reshape(steps, copies, *([dimensions] if dimensions else []))
    data["action"] = action if dimensions else action.astype(np.int64)
    data["reward"] = dump[key + "reward"].reshape(steps, copies)
    data["order"] = dump.get(key + "order")
    return data


def learn(case, dump, metadata, kept, searched):
    s = Settings(metadata[f"{case}.settings"], metadata["defaults"])
    features, actions, dimensions, limit = (int(x) for x in metadata[f"{case}.spec"].split())
    agent = Agent(s, features, actions, dimensions, limit)
    agent.put(metadata[f"{case}.layout"].split(), dump[f"{case}.start"])
    algorithm = s.text("algorithm", "reinforce", "a2c", "vpg", "a2c-joint", "ppo", "npg", "trpo")
    joint = algorithm in ("a2c-joint", "ppo")
    learner = (Joint if joint else Natural if algorithm in ("npg", "trpo") else Separate)(s, agent)
    scale = RewardScale(s, dump[f"{case}.0.shape"][1])
    scaled = s.on("reward.scale") or s.number("reward.clip") > 0
    kept[f"{case}.start"] = dump[f"{case}.start"]
    apart = acted = 0.0
    for epoch in range(EPOCHS):
        key = f"{case}.{epoch}."
        data = rollout_of(dump, key, features, dimensions)
        if s.on("reset_each_epoch") and epoch > 0:
            scale.restart()
        if scaled:
            data["reward"] = scale.apply(data["reward"], data["end"])
        with torch.no_grad():
            rows = lambda x: torch.from_numpy(x.reshape(-1, *x.shape[2:]))
            log_prob = agent.log_prob(rows(data["obs"]), rows(data["action"])).numpy()
        acted = max(acted, np.abs(log_prob - dump[key + "log_prob"]).max())
        learner.epoch(epoch, data)
        theirs = agent.take()
        apart = max(apart, np.abs(theirs - dump[key + "after"]).max() / np.abs(theirs).max())
        if epoch in (0, EPOCHS - 1):
            kept[f"{case}.after.{epoch}"] = theirs
    for name in ("shape", "obs", "final_obs", "edge_obs", "reward", "log_prob", "action", "end"):
        whole = np.concatenate([dump[f"{case}.{epoch}.{name}"] for epoch in range(EPOCHS)])
        kept[f"{case}.{name}"] = whole.astype(np.uint8) if name == "end" else whole
    if s.unread():
        raise SystemExit(f"{case}: nothing reads {', '.join(s.unread())}")
    more = ""
    if learner.policy and s.number("policy.optimiser.max_grad_norm") > 0:
        more = f", {learner.policy.clipped} gradients clipped"
    if joint and learner.clips:
        more += f", {learner.clipped} ratios clipped, {learner.stopped} minibatches stopped"
        if not learner.clipped or not learner.stopped and s.number("ppo.target_kl") > 0:
            raise SystemExit(f"{case}: nothing meets its clip or its target_kl: make steps longer")
    if algorithm == "trpo":
        more += f", {learner.tried} steps tried again"
        searched.append(learner.tried)
    print(f"{case:52s} parameters {apart:.1e} apart, ln π {acted:.1e}{more}", flush=True)
    return apart


if __name__ == "__main__":
    dump, metadata = load_file(sys.argv[1]), metadata_of(sys.argv[1])
    cases = [name[: -len(".settings")] for name in metadata if name.endswith(".settings")]
    kept = {}
    searched = []
    worst = max(learn(case, dump, metadata, kept, searched) for case in cases)
    if not any(searched):
        raise SystemExit("no line search of trpo goes back: raise max_kl in tests/small_recipe.hpp")
    print(f"{len(cases)} cases, at most {worst:.1e} apart")
    words = {name: text for name, text in metadata.items() if name.endswith((".settings", ".spec"))}
    write(pathlib.Path(__file__).with_name("recipes.safetensors"), kept, words)
