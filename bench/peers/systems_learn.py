"""What the five systems learn from a rollout, in plain PyTorch: one class each, `update(rollout)` is one epoch's.

A rollout has obs [T×E×F], action [T×E] or [T×E×A], reward [T×E], ended [T×E] (by itself or the time limit) and
after [E×F], what was observed after its last step, before any reset. Settings are those that recipes/NAME.source.yaml
has; systems_parity.py compares each update with what pigrad's tests are held to.
"""
from types import SimpleNamespace as Rollout  # noqa: F401

import numpy as np
import torch
from torch import nn


def mlp(widths, activation):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def backward_sum(terms, going):
    """y of t = terms of t + going of t · y of t+1, for each of [T×E]. Python's floats are quicker than NumPy's rows."""
    columns = []
    for terms_of_one, going_of_one in zip(terms.T.tolist(), going.T.tolist()):
        after, column = 0.0, []
        for term, go in zip(reversed(terms_of_one), reversed(going_of_one)):
            after = term + go * after
            column.append(after)
        columns.append(column[::-1])
    return np.array(columns, terms.dtype).T


def descend(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


class System:
    """A policy, and a critic where there is one. `networks` are in the order of pigrad's parameter vector."""
    scalar = torch.float32
    critic = None
    spread = None  # a Gaussian's log-std or log-variance

    def __init__(self, widths=None):
        self.build(widths)
        for network in filter(None, (self.policy, self.critic)):
            network.to(self.scalar)

    def tensor(self, array):
        return torch.as_tensor(array, dtype=self.scalar)

    def parameters(self):
        spread = [self.spread] if self.spread is not None else []
        critic = list(self.critic.parameters()) if self.critic else []
        return [*self.policy.parameters(), *spread, *critic]

    def log_probs(self, obs):
        return torch.log_softmax(self.policy(obs), -1)

    def log_prob(self, obs, action):
        return self.log_probs(obs).gather(-1, action.unsqueeze(-1)).squeeze(-1)

    def flat(self, rollout):
        """Observations [T·E×F] and actions."""
        obs, action = np.asarray(rollout.obs), np.asarray(rollout.action)
        whole = action.dtype.kind in "iu"
        action = torch.as_tensor(action, dtype=torch.int64 if whole else self.scalar)
        return self.tensor(obs).flatten(0, 1), action.flatten(0, 1)

    def adam(self, parameters, rate):
        return torch.optim.Adam(parameters, rate)


class Gaussian(System):
    """A normal distribution around the network's output; `half` is ½ where the spread is a log-variance."""
    half = 1.0

    def distribution(self, obs):
        scale = (self.half * self.spread).exp()
        return torch.distributions.Normal(self.policy(obs), scale, validate_args=False)

    def log_prob(self, obs, action):
        return self.distribution(obs).log_prob(action).sum(-1)


class Tutorial(System):
    """System 1: ten steps of the policy an epoch on minibatches in order; of the critic, eighty on each."""
    gamma, lam, minibatch, critic_steps = 0.99, 0.97, 400, 80

    def __init__(self, with_critic, widths=None):
        self.with_critic = with_critic
        super().__init__(widths)

    def build(self, widths):
        self.policy = mlp([4, *(widths or (64, 32)), 2], nn.Tanh)
        self.of_policy = self.adam(self.policy.parameters(), 3e-4)
        if self.with_critic:
            self.critic = nn.Linear(4, 1)
            self.of_critic = self.adam(self.critic.parameters(), 1e-3)

    def update(self, rollout):
        reward, going = rollout.reward, 1.0 - rollout.ended
        obs, action = self.flat(rollout)
        last = reward[-1:]
        if self.with_critic:
            with torch.no_grad():
                value = self.critic(obs).view(-1, 1).numpy()
                last = self.critic(self.tensor(rollout.after)).view(1, 1).numpy()
            # The epoch's last step is bootstrapped whether the pole stands or not.
            following = np.concatenate([going[:-1] * value[1:], last])
            advantage = backward_sum(reward + self.gamma * following - value, self.gamma * self.lam * going)
        reward = np.concatenate([reward[:-1], reward[-1:] + self.gamma * last])
        target = self.tensor(backward_sum(reward, self.gamma * going)).flatten()
        weight = target
        if self.with_critic:
            weight = self.tensor((advantage - advantage.mean()) / advantage.std()).flatten()
        for begin in range(0, len(obs), self.minibatch):
            rows = slice(begin, begin + self.minibatch)
            descend(self.of_policy, -(self.log_prob(obs[rows], action[rows]) * weight[rows]).mean())
            for _ in range(self.critic_steps if self.with_critic else 0):
                # [B×1] less [B] is [B×B]: the critic fits the minibatch's mean, as published.
                descend(self.of_critic, ((self.critic(obs[rows]) - target[rows])**2).mean())


class Notebook(System):
    """System 2: the critic first, eighty steps on the whole rollout, then one step of the policy."""
    scalar = torch.float64
    critic_steps = 80

    def update(self, rollout):
        reward, going = np.array(rollout.reward, np.float64), 1.0 - rollout.ended
        obs, action = self.flat(rollout)
        shape, after = reward.shape, self.tensor(rollout.after)
        with torch.no_grad():
            reward[-1] += self.gamma * going[-1] * self.critic(after).squeeze(-1).numpy()
        target = self.tensor(backward_sum(reward, self.gamma * going)).flatten()
        for step in range(self.critic_steps):
            value = self.critic(obs).squeeze(-1)
            if step == self.critic_steps - 1:
                # Ψ sees the critic of the last loss, and the edge's value a second time.
                with torch.no_grad():
                    seen = np.concatenate([value.detach().view(shape).numpy(), self.critic(after).view(1, -1).numpy()])
            descend(self.of_critic, ((value - target)**2).mean())
        delta = reward + self.gamma * going * seen[1:] - seen[:-1]
        # The sum runs across episodes' ends, as published.
        advantage = backward_sum(delta, np.full(shape, self.gamma * self.lam))
        weight = self.tensor((advantage - advantage.mean()) / advantage.std()).flatten()
        descend(self.of_policy, -(self.log_prob(obs, action) * weight).mean())


class LinearPolicy(Notebook):
    gamma, lam = 0.99, 0.95

    def build(self, widths):
        self.policy = mlp([4, 2], nn.ReLU).double()
        self.critic = mlp([4, *(widths or (64,)), 1], nn.ReLU).double()
        self.of_policy = self.adam(self.policy.parameters(), 0.1)
        self.of_critic = self.adam(self.critic.parameters(), 0.01)


class SwingUp(Gaussian, Notebook):
    gamma, lam, half = 0.999, 0.99, 0.5

    def build(self, widths):
        self.policy = mlp([5, *(widths or (64,)), 1], nn.ReLU).double()
        self.spread = torch.ones(1, dtype=self.scalar, requires_grad=True)
        self.critic = mlp([5, *(widths or (64,)), 1], nn.ReLU).double()
        self.of_policy = self.adam([*self.policy.parameters(), self.spread], 0.01)
        self.of_critic = self.adam(self.critic.parameters(), 0.1)


class SuttonBarto(System):
    """System 3: after each episode a step for each of its timesteps, the policy evaluated anew each time."""
    gamma = 0.99

    def build(self, widths):
        self.policy = nn.Linear(4, 2)
        self.of_policy = self.adam(self.policy.parameters(), 1e-3)

    def log_probs(self, obs):
        return torch.softmax(self.policy(obs), -1).log()

    def update(self, rollout):
        obs, action = self.flat(rollout)
        weight = backward_sum(rollout.reward, self.gamma * (1.0 - rollout.ended)).ravel().tolist()
        for one, chosen, g in zip(obs, action, weight):
            descend(self.of_policy, -self.log_prob(one, chosen) * g)


class Pendulum(Gaussian):
    """System 4: one step of each network an epoch; the baseline fits standardised returns."""
    gamma = 0.9

    def __init__(self, with_critic, widths=None):
        self.with_critic = with_critic
        super().__init__(widths)

    def build(self, widths):
        hidden, rate = widths or (64, 64), 0.003883
        self.policy = mlp([4, *hidden, 1], nn.Tanh)
        self.spread = torch.zeros(1, dtype=self.scalar, requires_grad=True)
        self.of_policy = self.adam([*self.policy.parameters(), self.spread], rate)
        if self.with_critic:
            self.critic = mlp([4, *hidden, 1], nn.Tanh)
            self.of_critic = self.adam(self.critic.parameters(), rate)

    def update(self, rollout):
        obs, action = self.flat(rollout)
        q = backward_sum(rollout.reward, self.gamma * (1.0 - rollout.ended)).ravel() / rollout.ended.sum()
        advantage, mean, deviation = q, q.mean(), q.std()
        if self.with_critic:
            value = self.critic(obs).squeeze(-1)
            advantage = q - (value.detach().numpy() * deviation + mean)
            descend(self.of_critic, nn.functional.mse_loss(value, self.tensor((q - mean) / deviation)))
        weight = self.tensor((advantage - advantage.mean()) / advantage.std())
        descend(self.of_policy, -(self.log_prob(obs, action) * weight).sum())


class Vanilla(System):
    """System 5: ten steps of a baseline that sees t/limit, then one of the policy; targets of k steps where given."""
    gamma, critic_steps, limit = 0.99, 10, 500

    def __init__(self, lookahead=None, widths=None):
        self.lookahead = lookahead
        super().__init__(widths)

    def build(self, widths):
        hidden = widths or (64, 64)
        self.policy, self.critic = mlp([4, *hidden, 2], nn.ReLU), mlp([5, *hidden, 1], nn.ReLU)
        self.of_policy = torch.optim.AdamW(self.policy.parameters(), 5e-4, weight_decay=0.01)
        self.of_critic = torch.optim.AdamW(self.critic.parameters(), 1e-2, weight_decay=0.01)

    def log_probs(self, obs):
        return torch.softmax(self.policy(obs), -1).log()

    def update(self, rollout):
        obs, action = self.flat(rollout)
        ends = np.flatnonzero(rollout.ended)
        lengths = np.diff(ends, prepend=-1)
        clock = np.concatenate([np.arange(n) for n in lengths])
        seen = torch.cat([obs, self.tensor(clock / self.limit)[:, None]], 1)
        target, far = self.targets(rollout, np.repeat(lengths, lengths) - clock)

        def error(value):
            ahead = target
            if far is not None:
                # The gradient runs through the bootstrap value too, as published.
                ahead = target.index_add(0, far, self.gamma**self.lookahead * value[far + self.lookahead])
            return ahead - value

        for _ in range(self.critic_steps):
            descend(self.of_critic, (error(self.critic(seen).squeeze(-1))**2).sum() / len(ends))
        with torch.no_grad():
            weight = error(self.critic(seen).squeeze(-1))
            weight = (weight - weight.mean()) / (weight.std() + 1e-8)
        descend(self.of_policy, -(self.log_prob(obs, action) * weight).sum())

    def targets(self, rollout, left):
        """Discounted rewards, all or those of the first k steps, and where a value k steps on is added."""
        sums = backward_sum(rollout.reward, self.gamma * (1.0 - rollout.ended)).ravel()
        if self.lookahead is None:
            return self.tensor(sums), None
        far = np.flatnonzero(left > self.lookahead)
        sums[far] -= self.gamma**self.lookahead * sums[far + self.lookahead]
        return self.tensor(sums), torch.from_numpy(far)


# By the names of pigrad's recipes.
SYSTEMS = {
    "reinforce-cartpole": (Tutorial, {"with_critic": False}),
    "a2c-cartpole": (Tutorial, {"with_critic": True}),
    "a2c-linear-cartpole": (LinearPolicy, {}),
    "a2c-swingup": (SwingUp, {}),
    "reinforce-sutton-barto": (SuttonBarto, {}),
    "reinforce-inverted-pendulum": (Pendulum, {"with_critic": False}),
    "reinforce-inverted-pendulum-baseline": (Pendulum, {"with_critic": True}),
    "vpg-cartpole": (Vanilla, {}),
    "vpg-lookahead-cartpole": (Vanilla, {"lookahead": 5}),
}
