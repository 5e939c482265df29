#!/usr/bin/env python3
"""exports.py PROGRAM WITH: exported policies read by others, within 1e-6 of what they said when they left.

WITH is onnxruntime (a model run there), safetensors (the file read by the format's own library) or torch (policies of
PyTorch imported). Ends with 77, and says so, where that package is missing.
"""
import csv
import os
import subprocess
import sys
import tempfile

PROGRAM, WITH = sys.argv[1:]
try:
    import numpy as np
    if WITH == "onnxruntime":
        import onnxruntime
    else:
        import safetensors.numpy
        from safetensors import safe_open
    if WITH == "torch":
        import safetensors.torch
        import torch
except ImportError as missing:
    print(f"exports: {missing.name} is missing, so {WITH} read nothing")
    sys.exit(77)

LIMIT = 1e-6
CASES = [
    ("a2c-cartpole", "epochs=2 steps=400"),
    ("a2c-cartpole", "epochs=2 steps=400 policy.network.hidden=[] scalar=float64"),
    ("a2c-cartpole", "epochs=2 steps=400 policy.network.hidden=[7,33] policy.network.activation=elu"),
    ("a2c-cartpole", "epochs=2 steps=400 policy.network.activation=sigmoid"),
    ("a2c-cartpole", "epochs=2 steps=400 policy.network.activation=softplus"),
    ("a2c-gaussian-pendulum", "epochs=2 policy.spread_is=log_variance"),
    ("a2c-gaussian-pendulum", "epochs=2 policy.spread=state policy.network.activation=relu"),
    ("a2c-gaussian-pendulum", "epochs=2 policy.spread=fixed policy.initial_spread=-0.7"),
    ("ppo-pendulum", "epochs=2 observation.normalise=true observation.clip=1.5"),
]


def pigrad(folder, *words, status=0):
    ended = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == status, f"pigrad {' '.join(words)}: {ended.returncode}: {ended.stderr}"
    return ended.stdout + ended.stderr


def train(folder, recipe, settings):
    sets = [word for setting in settings.split() for word in ("--set", setting)]
    pigrad(folder, "train", recipe, "--out", "run", "--threads", "1", "--quiet", "--set", "evaluate_episodes=1", *sets)


def off(said, expected):
    return float(np.max(np.abs(said - expected) / np.maximum(1, np.abs(expected))))


def check(what, worst):
    print(f"{what}: largest difference {worst:.3g}")
    assert worst <= LIMIT, what


def run_onnx(folder, what):
    pigrad(folder, "export", "run", "--to", "onnx", "--quiet")
    with open(os.path.join(folder, "policy_parity.csv")) as file:
        rows = list(csv.reader(file))
    table = np.array(rows[1:], dtype=np.float64)
    features = sum(name.startswith("observation.") for name in rows[0])
    observations, expected = table[:, :features].astype(np.float32), table[:, features:]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(os.path.join(folder, "policy.onnx"), options,
                                           providers=["CPUExecutionProvider"])
    said, action = session.run(["statistics", "action"], {"observation": observations})
    check(what, off(said, expected))
    one, _ = session.run(["statistics", "action"], {"observation": observations[:1]})
    assert off(one, expected[:1]) <= LIMIT
    about = session.get_modelmeta().custom_metadata_map
    if about["actions"] == "discrete":
        assert (action == expected.argmax(1)).all() and action.dtype == np.int64
    else:
        mean = np.clip(expected[:, :action.shape[1]], -2, 2)
        assert off(action, mean) <= LIMIT
    table[0, features] += 1e-4
    assert off(said, table[:, features:]) > LIMIT, "a wrong number must show"


ACTIVATIONS = {
    "identity": lambda x: x,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
}


def say(tensors, about, observations):
    x = observations
    if "normaliser.mean" in tensors:
        clip = float(about["normaliser.clip"])
        x = np.clip((x - tensors["normaliser.mean"]) * tensors["normaliser.inverse"], -clip, clip)
    for i, name in enumerate(about["activations"].split(",")):
        weight, bias = tensors[f"policy.{2 * i}.weight"], tensors[f"policy.{2 * i}.bias"]
        x = ACTIVATIONS[name](x @ weight.T.astype(np.float64) + bias)
    if about["actions"] == "discrete":
        return x - np.log(np.exp(x).sum(1, keepdims=True))
    if "policy.log_std" in tensors:
        return np.concatenate([x, np.broadcast_to(tensors["policy.log_std"], x.shape)], 1)
    half = x.shape[1] // 2
    return np.concatenate([x[:, :half], x[:, half:] * float(about["log_std_scale"])], 1)


def exported(folder):
    pigrad(folder, "export", "run", "--to", "safetensors", "--quiet")
    path = os.path.join(folder, "policy.safetensors")
    with safe_open(path, "np") as file:
        about = file.metadata()
    return safetensors.numpy.load_file(path), about


def read_safetensors(folder, what):
    tensors, about = exported(folder)
    assert about["format"] == "pigrad-policy" and about["format_version"] == "1"
    said = say(tensors, about, tensors["parity.observations"])
    check(what, off(said, tensors["parity.statistics"]))


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return torch.nn.Sequential(*layers[:-1])


def renamed(network, before):
    return {before + name: tensor for name, tensor in network.state_dict().items()}


def import_from_torch(folder):
    torch.manual_seed(1)
    critic = mlp([4, 16, 1], torch.nn.Tanh)
    bare = mlp([4, 32, 32, 2], torch.nn.Tanh)
    actor = mlp([4, 24, 2], torch.nn.ReLU)
    deep, head = mlp([3, 64, 64], torch.nn.Tanh), torch.nn.Linear(64, 1)
    deep.append(torch.nn.Tanh())
    mean = mlp([3, 8, 1], torch.nn.ELU)
    cases = [
        ("Sequential", "CartPole-v1", "tanh", bare, bare.state_dict(), None),
        ("an actor and a critic", "CartPole-v1", "relu", actor, renamed(actor, "actor.") | renamed(critic, "critic."),
         None),
        ("double precision", "CartPole-v1", "tanh", bare, {k: v.double() for k, v in bare.state_dict().items()}, None),
        ("names of Stable-Baselines3", "Pendulum-v1", "tanh", torch.nn.Sequential(deep, head),
         renamed(deep, "mlp_extractor.policy_net.") | renamed(mlp([3, 64, 64], torch.nn.Tanh),
                                                              "mlp_extractor.value_net.") |
         renamed(head, "action_net.") | renamed(torch.nn.Linear(64, 1), "value_net.") |
         {"log_std": torch.tensor([-0.4])}, -0.4),
        ("names of CleanRL", "Pendulum-v1", "elu", mean,
         renamed(mean, "actor_mean.") | renamed(mlp([3, 8, 1], torch.nn.ELU), "critic.") |
         {"actor_logstd": torch.tensor([[0.3]])}, 0.3),
    ]
    for number, (what, environment, activation, network, tensors, log_std) in enumerate(cases):
        place = os.path.join(folder, str(number))
        os.mkdir(place)
        safetensors.torch.save_file({k: v.contiguous().clone() for k, v in tensors.items()},
                                    os.path.join(place, "theirs.safetensors"))
        pigrad(place, "import", "theirs.safetensors", "--environment", environment, "--activation", activation,
               "--out", "run")
        ours, about = exported(place)
        observations = ours["parity.observations"]
        with torch.no_grad():
            theirs = network.double()(torch.tensor(observations))
            if log_std is None:
                theirs = torch.log_softmax(theirs, 1)
            else:
                theirs = torch.cat([theirs, torch.full_like(theirs, log_std)], 1)
        check(what, off(ours["parity.statistics"], theirs.numpy()))
        pigrad(place, "eval", "run", "--episodes", "2")


with tempfile.TemporaryDirectory() as top:
    if WITH == "torch":
        import_from_torch(top)
    else:
        for number, (recipe, settings) in enumerate(CASES):
            place = os.path.join(top, str(number))
            os.mkdir(place)
            train(place, recipe, settings)
            (run_onnx if WITH == "onnxruntime" else read_safetensors)(place, f"{recipe} {settings}")
