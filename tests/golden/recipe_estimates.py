"""What is estimated from a rollout, path by path, for make_recipes.py."""
import numpy as np
import torch


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
