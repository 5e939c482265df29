"""A recipe's settings, networks and optimisers in PyTorch, for make_recipes.py."""
import torch

# Settings that an update does not depend on, or that the rollouts already hold.
APART = {
    *("recipe", "variant", "environment", "scalar", "seed", "threads", "log", "source_metrics"),
    *("source_figure", "grad_metrics"),
    *("epochs", "copies", "steps", "episodes", "whole_episodes", "rollouts", "policy.initial_spread"),
    *("observation.normalise", "observation.statistics", "observation.clip"),
    *("evaluate_episodes", "evaluate_every", "checkpoint_every", "checkpoints_kept"),
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
        if s.text("algorithm", "reinforce", "a2c", "vpg", "a2c-joint", "ppo", "npg", "trpo") != "reinforce":
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

    def detached(self, obs):
        """The policy's own numbers, held still."""
        pi = self.act(obs)
        return torch.distributions.Normal(pi.loc.detach(), pi.scale.detach()) if self.dimensions else pi.detach()

    def kl_from(self, old, obs):
        pi = self.act(obs)
        if self.dimensions:
            return torch.distributions.kl_divergence(old, pi).sum(-1).mean()
        return (old.exp() * (old - pi)).sum(-1).mean()

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
