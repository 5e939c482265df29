"""Three epochs of every recipe, made small: writes recipes.safetensors beside this file.

    ninja -C build golden_recipes && build/tests/golden_recipes /tmp/rollouts
    python tests/golden/make_recipes.py /tmp/rollouts

Made with Python 3.11, torch 2.15.0, numpy 2.4.6, safetensors 0.8.0, in float64 on one thread.

The first command plays each recipe in its environment and writes what happened; here the settings are read as the papers
and Stable-Baselines3 mean them, and the same transitions are learnt from. Estimates are made path by path with NumPy
loops; gradients, clipping and optimisers are PyTorch's. A setting that differs from its default and that nothing below
reads is an error, so that no recipe passes by being misread. What is kept: the transitions, and the parameters before,
after one epoch and after three.
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
EPOCHS = 3
# Settings that an update does not depend on, or that the rollouts already hold.
APART = {
    "recipe", "variant", "environment", "scalar", "seed", "threads", "epochs", "copies", "steps", "episodes", "whole_episodes",
    "observation.normalise", "observation.statistics", "observation.clip", "policy.initial_spread", "source_metrics", "source_figure", "log",
    "evaluate_episodes", "evaluate_every", "checkpoint_every", "checkpoints_kept",
    *(f"{who}.network.initial_{what}" for who in ("policy", "critic") for what in ("weights", "output", "biases")),
}


class Settings:
    """Settings by key, which remembers what was asked for."""

    def __init__(self, text, defaults):
        self.values, self.defaults = ({k: v for k, v in (line.split("=", 1) for line in t.splitlines())}
                                      for t in (text, defaults))
        self.read = set()

    def text(self, key, *served):
        self.read.add(key)
        if self.values[key] not in served:
            raise SystemExit(f"{self.values['recipe']}: {key}={self.values[key]} is not served here")
        return self.values[key]

    def on(self, key):
        return self.text(key, "true", "false") == "true"

    def number(self, key):
        self.read.add(key)
        return float(self.values[key])

    def whole(self, key):
        return int(self.number(key))

    def widths(self, key):
        self.read.add(key)
        return [int(width) for width in self.values[key].strip("[]").split(",") if width.strip()]

    def factor(self, key, epoch):
        """Of a schedule: the first epoch has 1, one after the last would have 0."""
        return 1 - epoch / self.whole("epochs") if self.text(key, "constant", "linear") == "linear" else 1.0

    def unread(self):
        apart = self.read | APART
        if self.values["algorithm"] == "reinforce":
            apart |= {k for k in self.values if k.startswith("critic.")}
        return [k for k, v in self.values.items() if v != self.defaults[k] and k not in apart]


# Networks and what they stand for


def mlp(inputs, hidden, outputs, activation):
    layers, widths = [], [inputs, *hidden, outputs]
    for i, o in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(i, o), {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]()]
    return torch.nn.Sequential(*layers[:-1])


class Agent:
    def __init__(self, s, features, actions, dimensions, limit):
        self.s, self.limit, self.dimensions = s, limit, dimensions
        self.mean, self.deviation = 0.0, 1.0  # of the returns that the critic was last fitted to
        self.policy = self.network("policy", features, actions)
        self.named = {f"policy.{k}": p for k, p in self.policy.named_parameters()}
        self.spread = None
        s.text("policy.distribution", "gaussian" if dimensions else "categorical")
        if dimensions and s.text("policy.spread", "learned", "fixed") == "learned":
            self.spread = torch.zeros(dimensions, requires_grad=True)
            self.named[f"policy.{s.text('policy.spread_is', 'log_std', 'log_variance')}"] = self.spread
        self.critic = None
        if s.text("algorithm", "reinforce", "a2c", "vpg", "a2c-joint", "ppo") != "reinforce":
            self.timed = s.on("critic.time")
            linear = s.text("critic.kind", "mlp", "linear") == "linear"
            self.critic = self.network("critic", features + self.timed, 1, linear)
            self.named |= {f"critic.{k}": p for k, p in self.critic.named_parameters()}

    def network(self, who, inputs, outputs, linear=False):
        self.s.text(f"{who}.network.output_activation", "identity")
        activation = self.s.text(f"{who}.network.activation", "tanh", "relu")
        hidden = self.s.widths(f"{who}.network.hidden")
        return mlp(inputs, [] if linear else hidden, outputs, activation)

    def of(self, who):
        return [p for name, p in self.named.items() if name.startswith(who)]

    def put(self, layout, vector):
        assert list(self.named) == layout, (list(self.named), layout)
        with torch.no_grad():
            for p in self.named.values():
                p.copy_(torch.from_numpy(vector[: p.numel()]).reshape(p.shape))
                vector = vector[p.numel() :]
        assert len(vector) == 0

    def take(self):
        return torch.cat([p.detach().reshape(-1) for p in self.named.values()]).numpy()

    def act(self, obs):
        """Each row's log-probabilities, or its normal distribution."""
        out = self.policy(obs)
        if not self.dimensions:
            if self.s.text("policy.log_prob", "log_softmax", "log_of_softmax") == "log_softmax":
                return torch.log_softmax(out, -1)
            return torch.log(torch.softmax(out, -1))
        spread = self.spread
        if spread is None:
            spread = torch.full((self.dimensions,), self.s.number("policy.initial_spread"))
        half = 0.5 if self.s.text("policy.spread_is", "log_std", "log_variance") == "log_variance" else 1.0
        return torch.distributions.Normal(out, (half * spread).exp().expand_as(out))

    def log_prob(self, obs, action):
        pi = self.act(obs)
        return pi.log_prob(action).sum(-1) if self.dimensions else pi.gather(1, action[:, None]).squeeze(1)

    def entropy(self, obs):
        pi = self.act(obs)
        return (pi.entropy() if self.dimensions else -(pi.exp() * pi)).sum(-1).mean()

    def raw_value(self, obs, clock):
        """The critic's output; clock: t/limit of each row."""
        return self.critic(torch.cat([obs, clock[:, None]], 1) if self.timed else obs).squeeze(-1)

    def value(self, obs, clock):
        with torch.no_grad():
            out = self.raw_value(torch.from_numpy(obs.reshape(-1, obs.shape[-1])), torch.from_numpy(clock.reshape(-1)))
        return out.numpy().reshape(clock.shape) * self.deviation + self.mean


class Optimiser:
    """PyTorch's, by the settings' name, for some parameters, with the gradient's norm clipped."""

    def __init__(self, s, who, parameters):
        self.s, self.key, self.parameters, self.clipped = s, f"{who}.optimiser.", parameters, 0
        number = lambda name: s.number(self.key + name)
        name = s.text(self.key + "name", "adam", "adamw", "rmsprop")
        common = {"lr": number("learning_rate"), "eps": number("epsilon"), "weight_decay": number("weight_decay")}
        if name == "rmsprop":
            self.own = torch.optim.RMSprop(parameters, alpha=number("alpha"), **common)
        else:
            kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
            self.own = kind(parameters, betas=(number("beta1"), number("beta2")), **common)

    def begin(self, epoch):
        rate = self.s.number(self.key + "learning_rate") * self.s.factor(self.key + "schedule", epoch)
        for group in self.own.param_groups:
            group["lr"] = rate

    def step(self):
        most = self.s.number(self.key + "max_grad_norm")
        if most > 0:
            self.clipped += (torch.nn.utils.clip_grad_norm_(self.parameters, most) > most).item()
        self.own.step()

    def descend(self, loss):
        self.own.zero_grad()
        loss.backward()
        self.step()


# A rollout [T×E] and what is estimated from it


class RewardScale:
    """Divides by the deviation of all discounted sums so far, together with 1e-4 values of mean 0 and variance 1."""

    def __init__(self, s, copies):
        self.s, self.sums, self.seen = s, np.zeros(copies), []

    def restart(self):
        self.sums[:] = 0

    def apply(self, reward, end):
        out, most = reward.copy(), self.s.number("reward.clip")
        for t in range(len(reward)):
            if self.s.on("reward.scale"):
                self.sums = self.s.number("gamma") * self.sums + reward[t]
                self.seen.append(self.sums.copy())
                x, prior = np.concatenate(self.seen), 1e-4
                mean = x.sum() / (len(x) + prior)
                variance = (prior * (1 + mean**2) + ((x - mean) ** 2).sum()) / (len(x) + prior)
                out[t] = reward[t] / np.sqrt(variance + self.s.number("reward.epsilon"))
            if most > 0:
                out[t] = out[t].clip(-most, most)
            self.sums = np.where(end[t] > 0, 0, self.sums)
        return out


class Estimates:
    def __init__(self, s, agent, data):
        self.s, self.agent, self.data = s, agent, data
        self.gamma, self.lam = s.number("gamma"), s.number("lambda")
        self.edge_rule = s.text("boundary.edge", "bootstrap", "last_reward", "drop")
        self.reward = data["reward"]
        self.shape = self.reward.shape
        self.paths, self.learns = [], np.ones(self.shape, bool)
        self.clock = np.zeros(self.shape)
        steps, copies = self.shape
        for e in range(copies):
            first = 0
            for t in range(steps):
                self.clock[t, e] = (t - first) / agent.limit  # right where rollouts begin with an episode
                kind = {0: "edge", 1: "terminated", 2: "truncated", 3: "terminated"}[int(data["end"][t, e])]
                if kind != "edge" or t == steps - 1:
                    self.paths.append((e, first, t, kind))
                    if kind == "edge" and self.edge_rule == "drop":
                        self.learns[first : t + 1, e] = False
                    first = t + 1
        self.parts = sum(1 for e, _, last, _ in self.paths if self.learns[last, e])

    def look(self):
        """The critic at this moment: V of each row, and what stands for the value after each path."""
        a, d = self.agent, self.data
        self.v, edge, final = np.zeros(self.shape), np.zeros(self.shape[1]), np.zeros(self.shape)
        if a.critic:
            later = self.clock + 1 / a.limit
            self.v = a.value(d["obs"], self.clock)
            edge, final = a.value(d["edge_obs"], later[-1]), a.value(d["final_obs"], later)
        self.tail = {(e, last): self.after(e, last, kind, edge, final) for e, _, last, kind in self.paths}

    def after(self, e, t, kind, edge, final):
        if t == self.shape[0] - 1 and (kind == "edge" or self.s.on("boundary.edge_over_end")):
            if self.edge_rule == "last_reward":
                return self.reward[t, e]
            if self.edge_rule == "bootstrap":
                return edge[e] if kind == "edge" else final[t, e]
            if kind == "edge":
                return 0.0
        cut = self.s.text("boundary.truncation", "bootstrap", "terminate") == "bootstrap"
        return final[t, e] if kind == "truncated" and cut else 0.0

    def find_returns(self):
        """Returns-to-go; the critic's scale follows them if asked."""
        self.look()
        self.returns = self.n_step(10**9)
        self.edge_value = {e: self.tail[e, last] for e, _, last, kind in self.paths if kind == "edge"}
        if self.s.on("advantage.per_episode"):
            self.returns /= self.parts
        if self.agent.critic and self.s.text("critic.scale", "none", "returns") == "returns":
            self.agent.mean = self.returns[self.learns].mean()
            self.agent.deviation = self.returns[self.learns].std()
            tail = self.tail
            self.look()
            self.tail = tail

    def n_step(self, n):
        """n rewards and γⁿV, or what there is up to the path's end."""
        out = np.zeros(self.shape)
        for e, first, last, _ in self.paths:
            for t in range(first, last + 1):
                stop = min(t + n - 1, last)
                value = self.tail[e, last] if stop == last else self.v[stop + 1, e]
                out[t, e] = sum(self.gamma ** (k - t) * self.reward[k, e] for k in range(t, stop + 1))
                out[t, e] += self.gamma ** (stop + 1 - t) * value
        return out

    def gae(self):
        out, reward = np.zeros(self.shape), self.reward.copy()
        across = self.s.text("advantage.sum", "cut", "across") == "across"
        if self.s.on("advantage.edge_twice"):
            for e, value in self.edge_value.items():
                reward[-1, e] += self.gamma * value
        behind = {}  # each copy's sum behind the path
        for e, first, last, _ in reversed(self.paths):
            running = behind.get(e, 0.0) if across else 0.0
            for t in range(last, first - 1, -1):
                value = self.tail[e, last] if t == last else self.v[t + 1, e]
                running = reward[t, e] + self.gamma * value - self.v[t, e] + self.gamma * self.lam * running
                out[t, e] = running
            behind[e] = running
        return out

    def psi(self, refresh):
        if refresh:
            self.look()
        kind = self.s.text("advantage.estimator", "gae", "return_to_go", "n_step")
        if kind == "gae":
            return self.gae()
        out = self.n_step(self.s.whole("advantage.n")) if kind == "n_step" else self.returns.copy()
        assert kind != "n_step" or not self.s.on("advantage.per_episode")
        return out - self.v if self.s.on("advantage.baseline") else out

    def standard(self, x, over):
        """x with mean 0 and deviation 1 over some of its entries."""
        ddof = {"population": 0, "sample": 1}[self.s.text("advantage.deviation", "population", "sample")]
        return (x - x[over].mean()) / (x[over].std(ddof=ddof) + self.s.number("advantage.epsilon"))

    def normal_psi(self, refresh=False):
        psi = self.psi(refresh)
        return self.standard(psi, self.learns) if self.s.on("advantage.normalise") else psi

    def rows(self, x):
        """The learning rows of [T×E…], in order of step, then copy."""
        return torch.from_numpy(np.ascontiguousarray(x.reshape(-1, *x.shape[2:])[self.learns.reshape(-1)]))


def reduced(s, who, terms, parts):
    kind = s.text(f"{who}.loss_reduction", "mean", "sum", "per_episode")
    return terms.mean() if kind == "mean" else terms.sum() / (parts if kind == "per_episode" else 1)


def minibatches(s, rows):
    size = s.whole("minibatch") or rows
    return [slice(begin, min(begin + size, rows)) for begin in range(0, rows, size)]


# Algorithms: one epoch on a rollout


class Separate:
    """REINFORCE, A2C and VPG: the critic's fit, then the policy's, an optimiser each."""

    def __init__(self, s, agent):
        self.s, self.agent = s, agent
        self.policy = Optimiser(s, "policy", agent.of("policy"))
        self.critic = Optimiser(s, "critic", agent.of("critic")) if agent.critic else None

    def epoch(self, number, data):
        s, agent = self.s, self.agent
        est = Estimates(s, agent, data)
        est.find_returns()
        seen = s.text("advantage.values", "rollout", "refitted", "last_step")
        psi = est.normal_psi() if seen == "rollout" else None
        if self.critic:
            self.critic.begin(number)
            last_step = self.fit(est, lambda: est.normal_psi(True) if seen == "last_step" else None)
            psi = est.normal_psi(True) if seen == "refitted" else last_step if seen == "last_step" else psi
        self.policy.begin(number)
        obs, action, weight = est.rows(data["obs"]), est.rows(data["action"]), est.rows(psi)
        for rows in minibatches(s, len(weight)):
            for _ in range(s.whole("policy.steps_per_minibatch")):
                terms = -agent.log_prob(obs[rows], action[rows]) * weight[rows]
                loss = reduced(s, "policy", terms, est.parts)
                self.policy.descend(loss - s.number("policy.entropy_bonus") * agent.entropy(obs[rows]))

    def fit(self, est, before_last_step):
        s, agent, data = self.s, self.agent, est.data
        gradient = s.text("critic.gradient", "frozen", "detached", "attached")
        n = s.whole("advantage.n") if s.text("critic.target", "returns", "n_step") == "n_step" else 10**9
        all_obs, clock = est.rows(data["obs"]), est.rows(est.clock)
        target, places, weights = est.rows(est.returns), [], []
        if gradient == "frozen":
            target = (target - agent.mean) / agent.deviation if n > est.shape[0] else est.rows(est.n_step(n))
        else:
            assert est.learns.all() and est.shape[1] == 1 and not any(est.tail.values()) and len(minibatches(s, 2)) == 1
            v, est.v = est.v, np.zeros(est.shape)
            target, est.v = est.rows(est.n_step(n)), v
            places = [t for e, first, last, _ in est.paths for t in range(first, last + 1 - n)]

        def loss_of(rows):
            v = agent.raw_value(all_obs[rows], clock[rows])
            if s.text("critic.loss", "mse", "broadcast") == "broadcast":
                return ((v[:, None] - target[rows][None, :]) ** 2).mean()
            at = target[rows]
            if places:
                moving = v if gradient == "attached" else v.detach()
                at = at.index_add(0, torch.tensor(places), est.gamma**n * moving[torch.tensor(places) + n])
            return reduced(s, "critic", (v - at) ** 2, est.parts)

        steps, chosen = s.whole("critic.steps_per_minibatch"), minibatches(s, len(clock))
        for rows in chosen:
            for k in range(steps):
                if rows is chosen[-1] and k + 1 == steps:
                    kept = before_last_step()
                self.critic.descend(loss_of(rows))
        return kept


class Joint:
    """A2C as Stable-Baselines3 means it, and PPO: one loss over both networks."""

    def __init__(self, s, agent):
        self.s, self.agent, self.clips = s, agent, s.text("algorithm", "a2c-joint", "ppo") == "ppo"
        self.clipped = self.stopped = 0
        separate = self.clips and s.text("ppo.optimisers", "joint", "separate") == "separate"
        everyone = agent.of("policy") + agent.of("critic")
        self.policy = Optimiser(s, "policy", agent.of("policy") if separate else everyone)
        self.critic = Optimiser(s, "critic", agent.of("critic")) if separate else None
        s.text("policy.loss_reduction", "mean"), s.text("critic.loss_reduction", "mean")
        s.text("critic.loss", "mse"), s.text("critic.gradient", "frozen"), s.text("critic.scale", "none")
        assert s.whole("policy.steps_per_minibatch") == s.whole("critic.steps_per_minibatch") == 1

    def epoch(self, number, data):
        s, agent = self.s, self.agent
        est = Estimates(s, agent, data)
        est.find_returns()
        within = self.clips and s.text("ppo.advantages", "minibatch", "rollout") == "minibatch"
        within = within and s.on("advantage.normalise")
        psi = est.rows(est.psi(False) if within else est.normal_psi())
        target = est.rows(est.gae() + est.v)
        obs, action = est.rows(data["obs"]), est.rows(data["action"])
        with torch.no_grad():
            acted = agent.log_prob(obs, action)
        clock = torch.zeros(len(obs))
        for optimiser in (self.policy, self.critic):
            if optimiser:
                optimiser.begin(number)
        learns = True
        for k in range(s.whole("ppo.passes") if self.clips else 1):
            order = torch.arange(len(obs))
            if self.clips and s.text("ppo.order", "shuffled", "rollout") == "shuffled":
                order = torch.from_numpy(data["order"].reshape(-1, len(obs))[k].astype(np.int64))
            for chosen in minibatches(s, len(obs)):
                rows = order[chosen]
                weight = est_standard(est, psi[rows]) if within else psi[rows]
                log_prob = agent.log_prob(obs[rows], action[rows])
                surrogate = -(log_prob * weight).mean()
                if self.clips:
                    ratio, e = (log_prob - acted[rows]).exp(), s.number("ppo.clip") * s.factor("ppo.clip_schedule", number)
                    surrogate = -torch.minimum(ratio * weight, ratio.clamp(1 - e, 1 + e) * weight).mean()
                    assert s.number("ppo.value_clip") == 0
                    kl, most = (ratio - 1 - (log_prob - acted[rows])).mean().item(), s.number("ppo.target_kl")
                    learns = learns and not (most > 0 and kl > 1.5 * most)
                    self.clipped += ((ratio - 1).abs() > e).sum().item()
                    self.stopped += not learns
                if not learns and not self.critic:
                    return
                error = ((agent.raw_value(obs[rows], clock[rows]) - target[rows]) ** 2).mean()
                loss = surrogate + s.number("critic.coefficient") * error
                loss = loss - s.number("policy.entropy_bonus") * agent.entropy(obs[rows])
                for p in agent.named.values():
                    p.grad = None
                loss.backward()
                if learns:
                    self.policy.step()
                if self.critic:
                    self.critic.step()


def est_standard(est, x):
    return torch.from_numpy(est.standard(x.numpy(), slice(None)))


def metadata_of(path):
    with open(path, "rb") as file:
        return json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["__metadata__"]


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


def learn(case, dump, metadata, kept):
    s = Settings(metadata[f"{case}.settings"], metadata["defaults"])
    features, actions, dimensions, limit = (int(x) for x in metadata[f"{case}.spec"].split())
    agent = Agent(s, features, actions, dimensions, limit)
    agent.put(metadata[f"{case}.layout"].split(), dump[f"{case}.start"])
    joint = s.text("algorithm", "reinforce", "a2c", "vpg", "a2c-joint", "ppo") in ("a2c-joint", "ppo")
    learner = (Joint if joint else Separate)(s, agent)
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
    more = f", {learner.policy.clipped} gradients clipped" if s.number("policy.optimiser.max_grad_norm") > 0 else ""
    if joint and learner.clips:
        more += f", {learner.clipped} ratios clipped, {learner.stopped} minibatches stopped"
        if not learner.clipped or not learner.stopped and s.number("ppo.target_kl") > 0:
            raise SystemExit(f"{case}: nothing meets its clip or its target_kl: make steps longer")
    print(f"{case:52s} parameters {apart:.1e} apart, ln π {acted:.1e}{more}", flush=True)
    return apart


if __name__ == "__main__":
    dump, metadata = load_file(sys.argv[1]), metadata_of(sys.argv[1])
    cases = [name[: -len(".settings")] for name in metadata if name.endswith(".settings")]
    kept = {}
    worst = max(learn(case, dump, metadata, kept) for case in cases)
    print(f"{len(cases)} cases, at most {worst:.1e} apart")
    words = {name: text for name, text in metadata.items() if name.endswith((".settings", ".spec"))}
    save_file(kept, pathlib.Path(__file__).with_name("recipes.safetensors"), metadata=words)
