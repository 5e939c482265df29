"""One epoch's update of A2C and REINFORCE on given data: writes update.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, numpy 2.4.6, safetensors 0.8.0, in float64 on one thread.

Estimates are made path by path with NumPy loops, gradients and Adam are PyTorch's. Data sets: `open`, whose last row is
inside an episode; `over`, whose last row ends one by itself; `limit`, whose last row is cut by the time limit; `full`,
of the published size. Observations are float32 numbers, so that they are exact in either scalar.
"""
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

GAMMA, LAMBDA, POLICY_RATE, CRITIC_RATE = 0.99, 0.97, 3e-4, 1e-3
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def mlp(*widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def named(prefix, network):
    return {f"{prefix}.{name}": value.detach().clone() for name, value in network.state_dict().items()}


def fresh(start, prefix, *widths):
    network = mlp(*widths)
    network.load_state_dict({name: start[f"{prefix}.{name}"] for name in network.state_dict()})
    return network


def make_data(rows, last, end_rate, seed):
    """Rewards, flags and observations drawn apart from each other; `last` is the kind of the last row."""
    draw = np.random.default_rng(seed)
    kind = draw.uniform(size=rows)
    terminated, truncated = kind < end_rate, kind > 1 - end_rate / 2
    terminated[-1], truncated[-1] = last == "over", last == "limit"
    terminated[rows // 3] = truncated[rows // 2] = True
    truncated[rows // 3] = terminated[rows // 2] = False
    final = np.flatnonzero(terminated | truncated)
    return {
        "obs": draw.normal(size=(rows, 4)).astype(np.float32),
        "action": draw.integers(0, 2, rows),
        "reward": draw.normal(0.5, 1, rows),
        "terminated": terminated,
        "truncated": truncated,
        "final_row": final,
        "final_obs": draw.normal(size=(len(final), 4)).astype(np.float32),
        "edge_obs": draw.normal(size=(1, 4)).astype(np.float32),
    }


def estimates(data, variant, value):
    """Returns-to-go and, where there is a critic, advantages of the rows that learn; `value` is None without one."""
    rows = len(data["reward"])
    v = np.zeros(rows) if value is None else value(data["obs"])
    returns, advantages = np.zeros(rows), np.zeros(rows)
    final = dict(zip(data["final_row"], data["final_obs"]))
    start = 0
    for i in range(rows):
        terminated, truncated, edge = data["terminated"][i], data["truncated"][i], i == rows - 1
        if not (terminated or truncated or edge):
            continue
        after = final[i] if terminated or truncated else data["edge_obs"][0]
        if variant == "source":
            last = 0.0 if not edge else data["reward"][i] if value is None else value(after[None])[0]
        elif value is None:
            if not (terminated or truncated):
                break
            last = 0.0
        else:
            last = 0.0 if terminated else value(after[None])[0]
        returned, advantage, v_next = last, 0.0, last
        for t in range(i, start - 1, -1):
            returned = data["reward"][t] + GAMMA * returned
            advantage = data["reward"][t] + GAMMA * v_next - v[t] + GAMMA * LAMBDA * advantage
            v_next, returns[t], advantages[t] = v[t], returned, advantage
        start = i + 1
    return returns[:start], advantages[:start], v[:start]


def update(start, data, algorithm, variant, minibatch, critic_steps):
    a2c, source = algorithm == "a2c", variant == "source"
    policy = fresh(start, "policy", 4, 64, 32, 2)
    linear = "critic_linear" if source else "critic"
    critic = fresh(start, linear, *((4, 1) if source else (4, 64, 32, 1))) if a2c else None
    obs = torch.from_numpy(data["obs"]).double()
    action, acted = torch.from_numpy(data["action"]), data["log_prob"]

    def value(x):
        with torch.no_grad():
            return critic(torch.from_numpy(x).double()).squeeze(-1).numpy()

    returns, advantages, v = estimates(data, variant, value if a2c else None)
    rows = len(returns)
    out = {"returns": torch.from_numpy(returns.copy())}
    weight = (advantages - advantages.mean()) / advantages.std() if a2c else returns
    out["advantages"] = torch.from_numpy(weight.copy())
    weight, target = torch.from_numpy(weight), torch.from_numpy(returns)

    def policy_terms(rows):
        distribution = torch.distributions.Categorical(logits=policy(obs[rows]))
        log_prob = distribution.log_prob(action[rows])
        return -(log_prob * weight[rows]).mean(), distribution.entropy().mean(), (acted[rows] - log_prob).mean()

    def critic_loss(rows):
        output = critic(obs[rows])
        return ((output - target[rows]) ** 2 if source else (output.squeeze(-1) - target[rows]) ** 2).mean()

    def fit(network, rate, loss, steps):
        adam = torch.optim.Adam(network.parameters(), rate)
        before = loss(slice(0, rows)).item()
        for begin in range(0, rows, minibatch):
            chosen = slice(begin, min(begin + minibatch, rows))
            for step in range(steps):
                at = loss(chosen)
                if source and step == 0:
                    before = at.item()
                adam.zero_grad()
                at.backward()
                adam.step()
        measured = chosen if source else slice(0, rows)
        with torch.no_grad():
            return measured, before, loss(measured).item()

    measured, before, after = fit(policy, POLICY_RATE, lambda r: policy_terms(r)[0], 1)
    with torch.no_grad():
        _, entropy, kl = policy_terms(measured)
    metrics = [before, after - before, entropy.item(), kl.item()]
    out |= named("policy", policy)
    if a2c:
        _, before, after = fit(critic, CRITIC_RATE, critic_loss, critic_steps)
        metrics += [before, after - before, 1 - np.var(returns - v) / np.var(returns)]
        out |= named("critic", critic)
    out["metrics"] = torch.tensor(metrics)
    return out


torch.manual_seed(20)
start = named("policy", mlp(4, 64, 32, 2)) | named("critic", mlp(4, 64, 32, 1)) | named("critic_linear", mlp(4, 1))
start["policy.4.bias"] += 0.5
tensors = {f"start.{name}": value for name, value in start.items()}
DATA = {
    "open": make_data(400, "open", 0.02, 1),
    "over": make_data(400, "over", 0.02, 2),
    "limit": make_data(370, "limit", 0.02, 3),
    "full": make_data(4000, "open", 0.02, 4),
}
for name, data in DATA.items():
    with torch.no_grad():
        logits = fresh(start, "policy", 4, 64, 32, 2)(torch.from_numpy(data["obs"]).double())
    data["log_prob"] = torch.distributions.Categorical(logits=logits).log_prob(torch.from_numpy(data["action"]))
    tensors |= {
        f"{name}.obs": torch.from_numpy(data["obs"]),
        f"{name}.action": torch.from_numpy(data["action"]).int(),
        f"{name}.reward": torch.from_numpy(data["reward"]),
        f"{name}.end": torch.from_numpy(data["terminated"] + 2 * data["truncated"]).to(torch.uint8),
        f"{name}.final_obs": torch.from_numpy(data["final_obs"]),
        f"{name}.edge_obs": torch.from_numpy(data["edge_obs"]),
        f"{name}.log_prob": data["log_prob"],
    }
CASES = [(d, a, v) for d in ("open", "over", "limit") for a in ("a2c", "reinforce") for v in ("source", "recommended")]
for name, algorithm, variant in CASES + [("full", "a2c", "recommended"), ("full", "a2c", "source")]:
    sizes = (400, 80) if name == "full" else (100, 5)
    for key, value in update(start, DATA[name], algorithm, variant, *sizes).items():
        tensors[f"{name}.{algorithm}.{variant}.{key}"] = value
save_file(tensors, pathlib.Path(__file__).with_name("update.safetensors"))
