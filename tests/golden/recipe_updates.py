"""One epoch of each algorithm on a given rollout, for make_recipes.py."""
import numpy as np
import torch

from recipe_agent import Optimiser
from recipe_estimates import Estimates


def reduced(s, who, terms, parts):
    kind = s.text(f"{who}.loss_reduction", "mean", "sum", "per_episode")
    return terms.mean() if kind == "mean" else terms.sum() / (parts if kind == "per_episode" else 1)


def minibatches(s, rows):
    size = s.whole("minibatch") or rows
    return [slice(begin, min(begin + size, rows)) for begin in range(0, rows, size)]


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


class Natural(Separate):
    """NPG and TRPO: A2C's critic, and a step of the policy along (F + λI)⁻¹g, F the Hessian of KL(π_old‖π)."""

    def __init__(self, s, agent):
        self.s, self.agent, self.policy = s, agent, None
        self.searches = s.text("algorithm", "npg", "trpo") == "trpo"
        self.critic = Optimiser(s, "critic", agent.of("critic"))
        self.tried = 0

    def epoch(self, number, data):
        s, agent = self.s, self.agent
        est = Estimates(s, agent, data)
        est.find_returns()
        s.text("advantage.values", "rollout")
        psi = est.normal_psi()
        self.critic.begin(number)
        self.fit(est, lambda: None)
        obs, action, weight = est.rows(data["obs"]), est.rows(data["action"]), est.rows(psi)
        mine = agent.of("policy")
        with torch.no_grad():
            acted, old = agent.log_prob(obs, action), agent.detached(obs)

        def loss():
            surrogate = -((agent.log_prob(obs, action) - acted).exp() * weight).mean()
            return surrogate - s.number("policy.entropy_bonus") * agent.entropy(obs)

        def flat(of, keep=False):
            grads = torch.autograd.grad(of, mine, create_graph=keep, allow_unused=True)
            return torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in zip(grads, mine)])

        before = loss()
        g = flat(before).detach()
        seen = obs[:: s.whole("natural.fisher_every")]
        slope = flat(agent.kl_from(agent.detached(seen), seen), True)

        def damped(v):
            return flat_of_product(slope, v, mine) + s.number("natural.damping") * v

        x = conjugate_gradients(damped, g, s.whole("natural.iterations"), s.number("natural.tolerance"))
        length = (2 * s.number("natural.max_kl") / (x @ damped(x))).sqrt()
        start = torch.cat([p.detach().reshape(-1) for p in mine])
        put(mine, start - length * x)
        if not self.searches:
            assert s.number("natural.rate") == 0
            return
        for k in range(s.whole("natural.backtracks") + 1):
            put(mine, start - length * s.number("natural.shrink") ** k * x)
            self.tried += k > 0
            with torch.no_grad():
                if loss() < before and agent.kl_from(old, obs) <= s.number("natural.max_kl"):
                    return
        put(mine, start)


def flat_of_product(slope, v, parameters):
    grads = torch.autograd.grad(slope @ v, parameters, retain_graph=True, allow_unused=True)
    return torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in zip(grads, parameters)])


def conjugate_gradients(product, b, iterations, tolerance):
    x, r, p = torch.zeros_like(b), b.clone(), b.clone()
    size = rr = r @ r
    for _ in range(iterations):
        if rr <= tolerance**2 * size:
            break
        q = product(p)
        step = rr / (p @ q)
        x, r = x + step * p, r - step * q
        rr, old = r @ r, rr
        p = r + rr / old * p
    return x


def put(parameters, vector):
    with torch.no_grad():
        for p in parameters:
            p.copy_(vector[: p.numel()].reshape(p.shape))
            vector = vector[p.numel() :]


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
                    ratio = (log_prob - acted[rows]).exp()
                    e = s.number("ppo.clip") * s.factor("ppo.clip_schedule", number)
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
