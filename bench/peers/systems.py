"""The five systems in PyTorch over Gymnasium, with the settings of recipes/NAME.source.yaml: environment steps/s of a
run from its start, see worker.py. What they learn is in systems_learn.py.

    systems.py NAME --epochs N [--seed S] [--threads N]
"""
import warnings

import worker
from systems_learn import SYSTEMS, Rollout

asked = worker.options(*SYSTEMS)
warnings.simplefilter("ignore")

import gymnasium  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

gymnasium.logger.min_level = gymnasium.logger.ERROR
torch.set_num_threads(asked.threads)


class SwingUp:
    """Copies of CartPoleSwingUp-v0 at once: Euler steps of 0.01 s, the observation in float32."""
    limit = 500

    def __init__(self, copies, seed):
        self.random = np.random.default_rng(seed)
        self.state, self.count = self.start(copies), np.zeros(copies, int)

    def start(self, copies):
        return self.random.normal((0, 0, np.pi, 0), 0.2, (copies, 4))

    def observe(self):
        x, v, angle, rate = self.state.T
        return np.stack([x, v, np.cos(angle), np.sin(angle), rate], 1).astype(np.float32)

    def step(self, action):
        """The reward, what ended, and the observations before resets."""
        x, v, angle, rate = self.state.T
        push = 10 * np.clip(action[:, 0], -1, 1)
        sin, cos = np.sin(angle), np.cos(angle)
        swing = 0.3 * rate**2 * sin
        pull = (-2 * swing + 14.73 * sin * cos + 4 * push - 0.4 * v) / (4 - 1.5 * cos**2)
        turn = (-3 * swing * cos + 58.92 * sin + 6 * (push - 0.1 * v) * cos) / (2.4 - 0.9 * cos**2)
        self.state = np.stack([x + 0.01 * v, v + 0.01 * pull, angle + 0.01 * rate, rate + 0.01 * turn], 1)
        self.count += 1
        reward, before = np.cos(self.state[:, 2]), self.observe()
        ended = (np.abs(self.state[:, 0]) > 2.4) | (self.count >= self.limit)
        if ended.any():
            self.state[ended], self.count[ended] = self.start(int(ended.sum())), 0
        return reward, ended, before


class Copies:
    """Copies of one of Gymnasium's environments, one after the other."""

    def __init__(self, name, copies, seed):
        self.all = [gymnasium.make(name, disable_env_checker=True) for _ in range(copies)]
        self.obs = np.stack([one.reset(seed=seed * 1000 + i)[0] for i, one in enumerate(self.all)])

    def observe(self):
        return self.obs.copy()

    def step(self, action):
        reward, ended, before = np.empty(len(self.all)), np.empty(len(self.all), bool), np.empty_like(self.obs)
        for i, (one, act) in enumerate(zip(self.all, action)):
            before[i], reward[i], terminated, truncated, _ = one.step(act)
            ended[i] = terminated or truncated
            self.obs[i] = one.reset()[0] if ended[i] else before[i]
        return reward, ended, before


def sampler(system):
    """A function from an observation, or a row of them, to what the policy does."""
    if system.spread is not None:
        return lambda obs: system.distribution(system.tensor(obs)).sample().numpy()
    return lambda obs: torch.distributions.Categorical(
        logits=system.log_probs(system.tensor(obs)), validate_args=False).sample().numpy()


def together(system, copies, steps):
    """Rollouts of all copies that go on where the last one stopped."""
    act = sampler(system)
    while True:
        columns = ([], [], [], [])
        for _ in range(steps):
            obs = copies.observe()
            with torch.inference_mode():
                action = act(obs)
            reward, ended, before = copies.step(action)
            for column, value in zip(columns, (obs, action, reward, ended)):
                column.append(value)
        obs, action, reward, ended = map(np.array, columns)
        yield Rollout(obs=obs, action=action, reward=reward, ended=ended.astype(np.float64), after=before)


def one_by_one(system, environment, seed, enough):
    """Rollouts of one copy, begun anew; enough(steps, episodes, whether one has just ended) ends each."""
    act = sampler(system)
    following, _ = environment.reset(seed=seed)
    while True:
        obs, actions, rewards, ends, episodes, over = [], [], [], [], 0, False
        while not enough(len(obs), episodes, over):
            seen = following
            with torch.inference_mode():
                action = act(seen)
            following, reward, terminated, truncated, _ = environment.step(action)
            over = terminated or truncated
            obs.append(seen), actions.append(action), rewards.append(reward), ends.append(over)
            if over:
                after, episodes = following, episodes + 1
                following, _ = environment.reset()
        if not over:
            after, (following, _) = following, environment.reset()
        column = lambda values, kind=None: np.asarray(values, kind)[:, None]
        yield Rollout(obs=column(obs), action=column(actions), reward=column(rewards, np.float32),
                      ended=column(ends, np.float32), after=after[None])


def rollouts(name, system, seed):
    """By the recipe: 4000 steps; 8 × 1000 or 8 × 4052; an episode; whole ones of 2500 steps and more; 50 episodes."""
    if name == "a2c-swingup":
        return together(system, SwingUp(8, seed), 4052)
    if name == "a2c-linear-cartpole":
        return together(system, Copies("CartPole-v0", 8, seed), 1000)
    environment, enough = {
        "Tutorial": ("CartPole-v1", lambda steps, episodes, over: steps == 4000),
        "SuttonBarto": ("CartPole-v0", lambda steps, episodes, over: episodes == 1),
        "Pendulum": ("InvertedPendulum-v4", lambda steps, episodes, over: over and steps >= 2500),
        "Vanilla": ("CartPole-v1", lambda steps, episodes, over: episodes == 50),
    }[type(system).__name__]
    return one_by_one(system, gymnasium.make(environment, disable_env_checker=True), seed, enough)


def run(name, epochs, seed, report=lambda rollout: None):
    """Trains from the start. Returns the environment's steps."""
    torch.manual_seed(seed)
    cls, options = SYSTEMS[name]
    system, steps = cls(**options), 0
    source = rollouts(name, system, seed)
    for _ in range(epochs):
        rollout = next(source)
        system.update(rollout)
        steps += rollout.reward.size
        report(rollout)
    return steps


def measure():
    made = [0]
    seconds = worker.seconds_of(lambda: made.append(run(asked.work, asked.epochs, asked.seed)))
    return made[-1] / seconds


# Fails here, with its reason, if an environment cannot be made.
cls, options = SYSTEMS[asked.work]
rollouts(asked.work, cls(**options), asked.seed)
worker.serve(measure, torch=torch.__version__, Gymnasium=gymnasium.__version__)
