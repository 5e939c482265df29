"""Whole updates of PPO and of A2C with one loss, on given data: writes ppo.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, numpy 2.4.6, safetensors 0.8.0, in float64 on one thread.

Estimates are made copy by copy with NumPy loops; losses are written out, gradients, clipping and optimisers are
PyTorch's. The log-probabilities of the policy that acted are off the starting policy's, so that ratios are clipped from
the first step on. Minibatches go in the rollout's order.
"""
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

STEPS, COPIES, GAMMA, LAMBDA = 45, 4, 0.98, 0.9
ROWS, MINIBATCH, PASSES, CLIP = STEPS * COPIES, 64, 4, 0.2
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def mlp(*widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


class Agent(torch.nn.Module):
    def __init__(self, features, outputs, shared, box):
        super().__init__()
        self.policy = mlp(features, 16, 12, outputs)
        self.critic = mlp(12, 1) if shared else mlp(features, 14, 10, 1)
        self.log_std = torch.nn.Parameter(torch.linspace(-0.4, 0.1, outputs)) if box else None
        self.shared = shared

    def forward(self, obs):
        trunk = self.policy[:-1](obs)
        value = self.critic(trunk if self.shared else obs).squeeze(-1)
        output = self.policy[-1](trunk)
        if self.log_std is None:
            return torch.distributions.Categorical(logits=output), value
        return torch.distributions.Independent(torch.distributions.Normal(output, self.log_std.exp()), 1), value

    def tensors(self):
        named = {name: value.detach().clone() for name, value in self.state_dict().items()}
        if "log_std" in named:
            named["policy.log_std"] = named.pop("log_std")
        return named


def make_data(features, outputs, box, seed):
    draw = np.random.default_rng(seed)
    kind = draw.uniform(size=(STEPS, COPIES))
    return {
        "obs": draw.normal(size=(STEPS, COPIES, features)),
        "action": draw.normal(size=(STEPS, COPIES, outputs)) if box else draw.integers(0, outputs, (STEPS, COPIES)),
        "reward": draw.normal(0.5, 1, (STEPS, COPIES)),
        "terminated": kind < 0.05,
        "truncated": kind > 0.96,
        "final_obs": draw.normal(size=(STEPS, COPIES, features)),
        "edge_obs": draw.normal(size=(COPIES, features)),
        "off": draw.normal(0, 0.25, ROWS),
    }


def estimates(agent, data):
    def value(obs):
        with torch.no_grad():
            return agent(torch.from_numpy(obs))[1].numpy()

    v, final, edge = value(data["obs"]), value(data["final_obs"]), value(data["edge_obs"])
    advantage = np.zeros((STEPS, COPIES))
    for e in range(COPIES):
        running = 0.0
        for t in reversed(range(STEPS)):
            if data["terminated"][t, e]:
                after, keep = 0.0, 0.0
            elif data["truncated"][t, e]:
                after, keep = final[t, e], 0.0
            else:
                after, keep = (edge[e] if t == STEPS - 1 else v[t + 1, e]), 1.0
            delta = data["reward"][t, e] + GAMMA * after - v[t, e]
            running = delta + GAMMA * LAMBDA * keep * running
            advantage[t, e] = running
    return (torch.from_numpy(x.reshape(ROWS)) for x in (v, advantage, advantage + v))


CASES = {
    # environment's features and outputs, box, shared, value_clip, its form, optimisers, normalised, algorithm
    "plain": (4, 2, False, False, 0.0, "max", "joint", True, "ppo"),
    "shared": (4, 2, False, True, 0.15, "max", "joint", True, "ppo"),
    "box": (2, 2, True, False, 0.15, "clipped", "separate", False, "ppo"),
    "a2c": (4, 2, False, False, 0.0, "max", "joint", False, "a2c"),
}
ENTROPY, COEFFICIENT = 0.02, 0.6
tensors = {}
for seed, (name, case) in enumerate(CASES.items()):
    features, outputs, box, shared, value_clip, form, optimisers, normalised, algorithm = case
    torch.manual_seed(seed)
    agent, data = Agent(features, outputs, shared, box), make_data(features, outputs, box, seed)
    obs = torch.from_numpy(data["obs"].reshape(ROWS, features))
    action = torch.from_numpy(data["action"].reshape((ROWS, outputs) if box else ROWS))
    tensors |= {f"{name}.start.{key}": value for key, value in agent.tensors().items()}
    with torch.no_grad():
        acted = agent(obs)[0].log_prob(action) + torch.from_numpy(data["off"])
    old, advantage, target = estimates(agent, data)

    def losses(rows):
        policy, value = agent(obs[rows])
        log_ratio = policy.log_prob(action[rows]) - acted[rows]
        a, entropy = advantage[rows], policy.entropy().mean()
        if normalised:
            a = (a - a.mean()) / (a.std() + 1e-8)
        error = (value - target[rows]) ** 2
        if algorithm == "a2c":
            return -(policy.log_prob(action[rows]) * a).mean(), error.mean(), entropy, {}
        ratio = log_ratio.exp()
        surrogate = -torch.minimum(ratio * a, ratio.clamp(1 - CLIP, 1 + CLIP) * a).mean()
        if value_clip:
            held = old[rows] + (value - old[rows]).clamp(-value_clip, value_clip)
            held = (held - target[rows]) ** 2
            error = torch.maximum(error, held) if form == "max" else held
        return surrogate, error.mean(), entropy, {
            "approx_kl": (ratio - 1 - log_ratio).mean().item(),
            "clip_fraction": ((ratio - 1).abs() > CLIP).double().mean().item(),
        }

    adam = {"lr": 4e-3, "eps": 1e-5}
    if algorithm == "a2c":
        parts = [(list(agent.parameters()), torch.optim.RMSprop(agent.parameters(), 2e-3, alpha=0.99, eps=1e-5))]
    elif optimisers == "joint":
        parts = [(list(agent.parameters()), torch.optim.Adam(agent.parameters(), **adam))]
    else:
        critic = list(agent.critic.parameters())
        actor = [p for p in agent.parameters() if not any(p is c for c in critic)]
        parts = [(p, torch.optim.Adam(p, **adam)) for p in (actor, critic)]
    seen = []
    size, passes = (ROWS, 1) if algorithm == "a2c" else (MINIBATCH, PASSES)
    for _ in range(passes):
        for begin in range(0, ROWS, size):
            surrogate, error, entropy, more = losses(slice(begin, begin + size))
            seen.append([surrogate.item(), error.item(), -entropy.item(), *more.values()])
            agent.zero_grad()
            (surrogate + COEFFICIENT * error - ENTROPY * entropy).backward()
            for parameters, optimiser in parts:
                torch.nn.utils.clip_grad_norm_(parameters, 0.5)
                optimiser.step()
    tensors |= {f"{name}.after.{key}": value for key, value in agent.tensors().items()}
    explained = 1 - torch.var(target - old, correction=0) / torch.var(target, correction=0)
    tensors |= {
        f"{name}.metrics": torch.cat([torch.tensor(seen).mean(0), explained.reshape(1)]),
        f"{name}.advantage": advantage,
        f"{name}.target": target,
        f"{name}.obs": obs,
        f"{name}.action": action if box else action.int(),
        f"{name}.log_prob": acted,
        f"{name}.reward": torch.from_numpy(data["reward"].reshape(ROWS)),
        f"{name}.end": torch.from_numpy((data["terminated"] + 2 * data["truncated"]).reshape(ROWS)).to(torch.uint8),
        f"{name}.final_obs": torch.from_numpy(data["final_obs"].reshape(ROWS, features)),
        f"{name}.edge_obs": torch.from_numpy(data["edge_obs"]),
    }
out = pathlib.Path(__file__).with_name("ppo.safetensors")
save_file({key: value.contiguous() for key, value in tensors.items()}, out)
