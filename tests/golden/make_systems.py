"""Epochs of the recipes of systems 2 to 5, on given data: writes systems.safetensors beside this file.

Made with Python 3.11, torch 2.15.0, numpy 2.4.6, safetensors 0.8.0, in float64 on one thread.

Each case learns from three rollouts one after the other, as the published code does (`source`) or as the recipe's
recommended form says. Networks are narrower and critics make fewer steps than the recipes'; all else is theirs.
Estimates are made path by path with NumPy; gradients and optimisers are PyTorch's. Rollouts are [T×E]: `copies` of
several copies with ends inside and an open edge, `episodes` of whole episodes one after another, some cut at the limit.
"""
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
LIMIT, WIDTH, EPOCHS, LOOK = 20, 8, 3, 5
tensors = {}


def mlp(widths, activation):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return torch.nn.Sequential(*layers[:-1])


# Rollouts


def finish(data, draw, features, box):
    shape = data["reward"].shape
    data["obs"] = draw.normal(size=(*shape, features))
    data["final_obs"] = draw.normal(size=(*shape, features))
    data["edge_obs"] = draw.normal(size=(shape[1], features))
    data["action"] = draw.normal(size=(*shape, 1)) if box else draw.integers(0, 2, shape)
    return data


def copies_data(seed, features, box):
    draw = np.random.default_rng(seed)
    shape = (30, 4)
    kind = draw.uniform(size=shape)
    terminated, truncated = kind < 0.1, kind > 0.93
    terminated[-1] = [False, True, False, False]
    truncated[-1] = [False, False, True, False]
    data = {"reward": draw.normal(0.5, 1, shape), "terminated": terminated, "truncated": truncated}
    return finish(data, draw, features, box)


def episodes_data(seed, lengths, features, box):
    draw = np.random.default_rng(seed)
    rows = sum(lengths)
    data = {"reward": draw.normal(1, 0.3, (rows, 1))}
    data["terminated"], data["truncated"] = np.zeros((rows, 1), bool), np.zeros((rows, 1), bool)
    for end, length in zip(np.cumsum(lengths) - 1, lengths):
        data["truncated" if length == LIMIT else "terminated"][end] = True
    return finish(data, draw, features, box)


def paths(data):
    """Each copy's stretches without a cut: copy, first and last row, and how the last one ends."""
    steps, copies = data["reward"].shape
    for e in range(copies):
        first = 0
        for t in range(steps):
            end = "terminated" if data["terminated"][t, e] else "truncated" if data["truncated"][t, e] else "edge"
            if end != "edge" or t == steps - 1:
                yield e, first, t, end
                first = t + 1


def flat(x):
    """[T×E…] as rows t·E + e."""
    return torch.from_numpy(np.ascontiguousarray(x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])))


def log_prob(output, action, log_variance=None, log_std=None):
    if log_variance is not None:
        return torch.distributions.MultivariateNormal(output, torch.diag(log_variance.exp())).log_prob(action)
    if log_std is not None:
        return torch.distributions.MultivariateNormal(output, scale_tril=torch.diag(log_std.exp())).log_prob(action)
    return torch.log(torch.softmax(output, -1)).gather(1, action[:, None]).squeeze(1)


def step(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def returns_to_go(data, gamma, after):
    """after(e, t, end): the value that follows a path."""
    out = np.zeros_like(data["reward"])
    for e, first, last, end in paths(data):
        sum_ = after(e, last, end)
        for t in range(last, first - 1, -1):
            sum_ = out[t, e] = data["reward"][t, e] + gamma * sum_
    return out


def keep(case, epoch, **values):
    for name, value in values.items():
        value = value.reshape(-1) if isinstance(value, np.ndarray) else np.atleast_1d(np.float64(value))
        tensors[f"{case}.{epoch}.{name}"] = torch.from_numpy(np.array(value))


def keep_networks(where, policy, critic=None, **own):
    for prefix, network in (("policy", policy), ("critic", critic)):
        for name, value in network.state_dict().items() if network else ():
            tensors[f"{where}.{prefix}.{name}"] = value.detach().clone()
    for name, value in own.items():
        tensors[f"{where}.policy.{name}"] = value.detach().clone()


def standard(x, ddof=0, epsilon=0.0):
    return (x - x.mean()) / (x.std(ddof=ddof) + epsilon)


# System 2: the critic's steps on the whole rollout, then one of the policy


def a2c(case, rollouts, source, box):
    gamma, lam, policy_rate, critic_rate = (0.999, 0.99, 0.01, 0.1) if box else (0.99, 0.95, 0.1, 0.01)
    features = rollouts[0]["obs"].shape[-1]
    torch.manual_seed(31)
    relu = torch.nn.ReLU
    policy = mlp((features, WIDTH, 1) if box else (features, 2), relu)
    critic = mlp((features, WIDTH, 1), relu)
    own = {"log_variance": torch.ones(1, requires_grad=True)} if box else {}
    keep_networks(f"{case}.start", policy, critic, **own)
    policy_adam = torch.optim.Adam([*policy.parameters(), *own.values()], policy_rate)
    critic_adam = torch.optim.Adam(critic.parameters(), critic_rate)

    def value(obs):
        with torch.no_grad():
            return critic(torch.from_numpy(obs)).squeeze(-1).numpy()

    for epoch, data in enumerate(rollouts):
        going = ~(data["terminated"] | data["truncated"])
        edge = value(data["edge_obs"]) * going[-1]

        def after(e, t, end):
            if end == "edge":
                return value(data["edge_obs"])[e]
            return value(data["final_obs"])[t, e] if end == "truncated" and not source else 0.0

        def advantages():
            v, out = value(data["obs"]), np.zeros_like(data["reward"])
            reward = data["reward"].copy()
            if source:
                reward[-1] += gamma * edge
            for e in range(out.shape[1]):
                sum_ = 0.0
                for t in range(out.shape[0] - 1, -1, -1):
                    ended = not going[t, e]
                    end = "terminated" if data["terminated"][t, e] else "truncated" if ended else "edge"
                    inside = not ended and t + 1 < out.shape[0]
                    delta = reward[t, e] + gamma * (v[t + 1, e] if inside else after(e, t, end)) - v[t, e]
                    sum_ = delta + gamma * lam * (0.0 if ended and not source else sum_)
                    out[t, e] = sum_
            return standard(out)

        returns = returns_to_go(data, gamma, after)
        score = (data["reward"].sum() + gamma * edge.sum()) / (~going).sum()
        obs, target, action = flat(data["obs"]), flat(returns), flat(data["action"])
        losses = []
        for k in range(7):
            if source and k == 6:
                psi = advantages()
            losses.append(step(critic_adam, ((critic(obs).squeeze(-1) - target) ** 2).mean()))
        if not source:
            psi = advantages()
        loss = step(policy_adam, -(log_prob(policy(obs), action, **own) * flat(psi)).mean())
        keep(case, epoch, returns=returns, advantages=psi, policy_loss=loss, value_loss=losses[0], figure=score)
    keep_networks(f"{case}.end", policy, critic, **own)


# System 3: after each episode, one step for each of its rows


def sutton_barto(case, rollouts):
    torch.manual_seed(32)
    policy = mlp((4, 2), torch.nn.Tanh)
    keep_networks(f"{case}.start", policy)
    adam = torch.optim.Adam(policy.parameters(), 1e-3)
    for epoch, data in enumerate(rollouts):
        returns = returns_to_go(data, 0.99, lambda e, t, end: 0.0)
        obs, action, weight = flat(data["obs"]), flat(data["action"]), flat(returns)
        before = -(log_prob(policy(obs), action) * weight).mean().item()
        for t in range(len(weight)):
            step(adam, -(log_prob(policy(obs[t : t + 1]), action[t : t + 1]) * weight[t]).mean())
        keep(case, epoch, returns=returns, advantages=returns, policy_loss=before)
    keep_networks(f"{case}.end", policy)


# System 4: one step of the policy on the sum, one of the baseline on standardised returns


def pendulum(case, rollouts, source, baseline):
    torch.manual_seed(33)
    tanh = torch.nn.Tanh
    policy, critic = mlp((4, WIDTH, WIDTH, 1), tanh), mlp((4, WIDTH, WIDTH, 1), tanh) if baseline else None
    log_std = torch.zeros(1, requires_grad=True)
    keep_networks(f"{case}.start", policy, critic, log_std=log_std)
    policy_adam = torch.optim.Adam([*policy.parameters(), log_std], 0.003883)
    critic_adam = torch.optim.Adam(critic.parameters(), 0.003883) if baseline else None
    mean, deviation = 0.0, 1.0

    def output(obs):
        with torch.no_grad():
            return critic(torch.from_numpy(obs)).squeeze(-1).numpy()

    for epoch, data in enumerate(rollouts):
        episodes = sum(1 for _ in paths(data))

        def after(e, t, end):
            bootstraps = baseline and not source and end == "truncated"
            return output(data["final_obs"])[t, e] * deviation + mean if bootstraps else 0.0

        returns = returns_to_go(data, 0.9, after) / (episodes if source else 1)
        kept, psi = {}, returns
        obs, action = flat(data["obs"]), flat(data["action"])
        if baseline:
            mean, deviation = returns.mean(), returns.std()
            psi = returns - (output(data["obs"]) * deviation + mean)
        psi = standard(psi, 0, 1e-8 if baseline and not source else 0)
        loss = step(policy_adam, -(log_prob(policy(obs), action, log_std=log_std) * flat(psi)).sum())
        if baseline:
            fitted = flat(standard(returns))
            kept["value_loss"] = step(critic_adam, ((critic(obs).squeeze(-1) - fitted) ** 2).mean())
        keep(case, epoch, returns=returns, advantages=psi, policy_loss=loss, **kept)
    keep_networks(f"{case}.end", policy, critic, log_std=log_std)


# System 5: the baseline on (s, t/limit) first, its targets anew at each step, then one step of the policy on the sum


def vpg(case, rollouts, lookahead, attached):
    gamma = 0.99
    torch.manual_seed(34)
    relu = torch.nn.ReLU
    policy, critic = mlp((4, WIDTH, WIDTH, 2), relu), mlp((5, WIDTH, WIDTH, 1), relu)
    keep_networks(f"{case}.start", policy, critic)
    policy_adam = torch.optim.AdamW(policy.parameters(), 5e-4, weight_decay=0.01)
    critic_adam = torch.optim.AdamW(critic.parameters(), 1e-2, weight_decay=0.01)
    for epoch, data in enumerate(rollouts):
        rows, known, booted = len(data["reward"]), np.zeros(len(data["reward"])), {}
        clock, starts = np.zeros(rows), []
        for _, first, last, _ in paths(data):
            starts.append(first)
            for t in range(first, last + 1):
                clock[t] = (t - first) / LIMIT
                until = min(t + LOOK - 1, last) if lookahead else last
                known[t] = sum(gamma ** (k - t) * data["reward"][k, 0] for k in range(t, until + 1))
                if lookahead and t + LOOK <= last:
                    booted[t] = t + LOOK
        obs, action = flat(data["obs"]), flat(data["action"])
        seen = torch.cat([obs, torch.from_numpy(clock)[:, None]], 1)

        def targets(v):
            out = torch.from_numpy(known)
            if not booted:
                return out
            return out.index_add(0, torch.tensor(list(booted)), gamma**LOOK * v[list(booted.values())])

        losses = []
        for _ in range(4):
            v = critic(seen).squeeze(-1)
            losses.append(step(critic_adam, ((targets(v if attached else v.detach()) - v) ** 2).sum() / len(starts)))
        with torch.no_grad():
            v = critic(seen).squeeze(-1)
            target = targets(v)
            psi = standard((target - v).numpy(), 1, 1e-8)
        loss = step(policy_adam, -(log_prob(policy(obs), action) * torch.from_numpy(psi)).sum())
        figure = target[starts].mean().item()
        keep(case, epoch, advantages=psi, policy_loss=loss, value_loss=losses[0], figure=figure)
    keep_networks(f"{case}.end", policy, critic)


LENGTHS = [[3, 6, LIMIT, 5], [LIMIT, 1, 11], [7, LIMIT, LIMIT, 4]]
DATA = {
    "copies": [copies_data(seed, 4, False) for seed in (1, 2, 3)],
    "copies_box": [copies_data(seed, 5, True) for seed in (4, 5, 6)],
    "episode": [episodes_data(seed, [length], 4, False) for seed, length in ((7, 13), (8, LIMIT), (9, 1))],
    "episodes": [episodes_data(seed, lengths, 4, False) for seed, lengths in zip((10, 11, 12), LENGTHS)],
    "episodes_box": [episodes_data(seed, lengths, 4, True) for seed, lengths in zip((13, 14, 15), LENGTHS)],
}
for name, rollouts in DATA.items():
    for epoch, data in enumerate(rollouts):
        for key, value in data.items():
            value = value.astype(np.uint8) if value.dtype == bool else value
            value = value.astype(np.int32) if value.dtype == np.int64 else value
            tensors[f"{name}.{epoch}.{key}"] = torch.from_numpy(np.array(value))
for source, variant in ((True, "source"), (False, "recommended")):
    a2c(f"a2c-linear-cartpole.{variant}", DATA["copies"], source, box=False)
    a2c(f"a2c-swingup.{variant}", DATA["copies_box"], source, box=True)
    sutton_barto(f"reinforce-sutton-barto.{variant}", DATA["episode"])
    pendulum(f"reinforce-inverted-pendulum.{variant}", DATA["episodes_box"], source, baseline=False)
    pendulum(f"reinforce-inverted-pendulum-baseline.{variant}", DATA["episodes_box"], source, baseline=True)
    vpg(f"vpg-cartpole.{variant}", DATA["episodes"], lookahead=False, attached=False)
    vpg(f"vpg-lookahead-cartpole.{variant}", DATA["episodes"], lookahead=True, attached=source)
save_file(tensors, pathlib.Path(__file__).with_name("systems.safetensors"))
