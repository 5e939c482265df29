#!/usr/bin/env python3
"""Random networks, losses and batches: our losses and gradients beside PyTorch's, in double.

against_torch.py PROGRAM [--cases 1000] [--seed 1]     PROGRAM is the built random_losses
Ends with status 1 if any number is further apart than 1e-9 of the largest in its tensor (1e-12 beside losses near 0).
"""
import argparse
import collections
import math
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors import safe_open

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
NEAR = 1e-9
F = torch.nn.functional
ACTIVATIONS = {"identity": lambda x: x, "tanh": torch.tanh, "relu": torch.relu, "elu": F.elu, "sigmoid": torch.sigmoid,
               "softplus": F.softplus}


class Case:
    def __init__(self, path):
        with safe_open(path, "pt") as file:
            self.words = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        part = lambda prefix: {n[len(prefix):]: t for n, t in tensors.items() if n.startswith(prefix)}
        self.parameters = {n: t.clone().requires_grad_() for n, t in part("p.").items()}
        self.inputs = {n: t if t.dtype == torch.int32 else t.T for n, t in part("in.").items()}
        self.outputs, self.gradients = part("out."), part("g.")

    def number(self, key):
        return float(self.words[key])

    def network(self, name, x):
        layers = sorted(int(n.split(".")[1]) for n in self.parameters if n.startswith(name) and n.endswith("weight"))
        for layer in layers:
            x = x @ self.parameters[f"{name}.{layer}.weight"].T + self.parameters[f"{name}.{layer}.bias"]
            x = ACTIVATIONS[self.words[name + (".output_activation" if layer == layers[-1] else ".activation")]](x)
        return x

    def distribution(self):
        """ln π(a|s) and H of each row, and the mean σ."""
        out = self.network("policy", self.inputs["obs"])
        if self.words["distribution"] == "categorical":
            log_p = torch.log_softmax(out, 1)
            if self.words["log_prob"] == "log_of_softmax":
                taken = torch.log(torch.softmax(out, 1))
            else:
                taken = log_p
            action = self.inputs["action"].long().reshape(-1, 1)
            return taken.gather(1, action), -(log_p.exp() * log_p).sum(1, True), None
        spread = next((t for n, t in self.parameters.items() if n.split(".")[-1].startswith("log_")), None)
        if self.words["spread"] == "state":
            out, spread = out.chunk(2, 1)
        elif self.words["spread"] == "fixed":
            spread = torch.full_like(out[:1], self.number("initial_spread"))
        if self.words["spread_is"] == "log_variance":
            spread = spread / 2
        normal = torch.distributions.Normal(out, spread.exp().expand_as(out))
        return normal.log_prob(self.inputs["action"]).sum(1, True), normal.entropy().sum(1, True), normal.scale.mean()

    def reduce(self, terms):
        if self.words["reduction"] == "mean":
            return terms.mean()
        return terms.sum() * (self.inputs["per_episode"][0, 0] if self.words["reduction"] == "per_episode" else 1)

    def loss(self):
        """The loss, and the named outputs."""
        return getattr(self, self.words["kind"])()

    def critic(self):
        value, target = self.network("critic", self.inputs["obs"]), self.inputs["weight"]
        if self.words["critic_loss"] == "broadcast":
            return F.mse_loss(value.expand(-1, len(value)), target.T.expand(len(value), -1)), {}
        if self.words["critic_gradient"] != "frozen":
            after = self.network("critic", self.inputs["boot_obs"])
            after = after.detach() if self.words["critic_gradient"] == "stopped" else after
            target = target + self.inputs["factor"] * after
        return self.reduce((value - target) ** 2), {}

    def policy(self):
        log_prob, entropy, _ = self.distribution()
        loss, bonus = -self.reduce(log_prob * self.inputs["weight"]), self.number("entropy_bonus")
        loss = loss - bonus * self.reduce(entropy)
        return loss, {"entropy": entropy.mean(), "kl": (self.inputs["log_prob"] - log_prob).mean()}

    def surrogate(self):
        log_prob, entropy, _ = self.distribution()
        ratio = (log_prob - self.inputs["log_prob"]).exp()
        loss = -(ratio * self.inputs["weight"]).mean() - self.number("entropy_bonus") * entropy.mean()
        return loss, {"entropy": entropy.mean()}

    def joint(self, surrogate, value_loss, entropy, std):
        loss = surrogate + self.number("coefficient") * value_loss - self.number("entropy_bonus") * entropy.mean()
        outputs = {"policy": surrogate, "value": value_loss, "entropy": entropy.mean()}
        return loss, outputs | ({} if std is None else {"std": std})

    def a2c(self):
        log_prob, entropy, std = self.distribution()
        value_loss = F.mse_loss(self.network("critic", self.inputs["obs"]), self.inputs["target"])
        return self.joint(-(log_prob * self.inputs["weight"]).mean(), value_loss, entropy, std)

    def ppo(self):
        log_prob, entropy, std = self.distribution()
        value, target, epsilon = self.network("critic", self.inputs["obs"]), self.inputs["target"], self.inputs["clip"]
        advantage = self.inputs["weight"]
        if self.words["normalises"] == "1":
            advantage = (advantage - self.inputs["advantage_mean"]) / self.inputs["advantage_scale"]
        log_ratio = log_prob - self.inputs["log_prob"]
        ratio = log_ratio.exp()
        held = torch.clamp(ratio, 1 - epsilon.item(), 1 + epsilon.item())
        surrogate = -torch.minimum(advantage * ratio, advantage * held).mean()
        error = (value - target) ** 2
        if self.words["clips_values"] == "1":
            old, most = self.inputs["value"], self.inputs["value_clip"].item()
            near = (old + torch.clamp(value - old, -most, most) - target) ** 2
            error = torch.maximum(error, near) if self.words["value_clip_form"] == "max" else near
        loss, outputs = self.joint(surrogate, error.mean(), entropy, std)
        outputs["approx_kl"] = ((ratio - 1) - log_ratio).mean()
        outputs["clip_fraction"] = ((ratio - 1).abs() > epsilon).double().mean()
        return loss, outputs


def apart(ours, theirs, floor=1e-3):
    size = max(theirs.abs().max().item(), floor)
    difference = (ours - theirs).abs().max().item() / size
    return difference if math.isfinite(difference) else math.inf


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--cases", default=1000, type=int)
    parser.add_argument("--seed", default=1, type=int)
    asked = parser.parse_args()
    kinds, worst, bad, numbers = collections.Counter(), 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([asked.program, folder, str(asked.cases), str(asked.seed)], check=True)
        for i in range(asked.cases):
            case = Case(pathlib.Path(folder) / f"{i}.safetensors")
            loss, outputs = case.loss()
            loss.backward()
            outputs["loss"] = loss
            far = {}
            for name, theirs in outputs.items():
                far[name] = apart(case.outputs[name], theirs.detach().reshape(1))
            for name, p in case.parameters.items():
                theirs = torch.zeros_like(p) if p.grad is None else p.grad
                far["∂" + name] = apart(case.gradients[name], theirs)
                numbers += p.numel()
            kinds[case.words["kind"]] += 1
            worst = max(worst, *far.values())
            wrong = {name: x for name, x in far.items() if not x < NEAR}
            if wrong:
                bad += 1
                print(f"case {i}, {case.words}: {wrong}")
    print(f"{asked.cases} cases ({', '.join(f'{n} {k}' for k, n in sorted(kinds.items()))}), {numbers} derivatives: "
          f"{bad} apart; the furthest is {worst:.1e} of its tensor's largest (torch {torch.__version__})")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
