# Makes cartpole.bin with gymnasium 1.4.0, numpy 2.4.6, Python 3.11: python make_cartpole.py
#
# Little-endian: u32 episodes; for each: u32 version (0 or 1), u32 steps, f64[4] start state; for each step: u8 action,
# terminated, truncated, reward, and f64[4] state after it. Ends come from random actions (termination), from a
# balancing rule (the limits of 200 and 500) and from starts injected far from the usual ones.
import struct
from pathlib import Path

import gymnasium
import numpy as np

assert gymnasium.__version__ == "1.4.0", gymnasium.__version__

rng = np.random.default_rng(20240607)


def balance(state):
    x, x_dot, theta, theta_dot = state
    return int(theta + 0.6 * theta_dot + 0.03 * x + 0.09 * x_dot > 0)


def at_random(state):
    return int(rng.integers(2))


def episode(version, seed, policy, start=None, most=None):
    env = gymnasium.make(f"CartPole-v{version}")
    env.reset(seed=seed)
    if start is not None:
        env.unwrapped.state = np.array(start, dtype=np.float64)
    first = np.array(env.unwrapped.state, dtype=np.float64)
    rows = []
    terminated = truncated = False
    while not (terminated or truncated) and (most is None or len(rows) < most):
        action = policy(env.unwrapped.state)
        _, reward, terminated, truncated, _ = env.step(action)
        rows.append((action, terminated, truncated, reward, np.array(env.unwrapped.state)))
    return version, first, rows


episodes = []
for k in range(60):
    episodes.append(episode(k % 2, 1000 + k, at_random))
for k in range(5):
    episodes.append(episode(0, 2000 + k, balance))
for k in range(5):
    episodes.append(episode(1, 3000 + k, balance))
for k in range(150):
    start = rng.uniform([-2.4, -4, -0.209, -4], [2.4, 4, 0.209, 4])
    episodes.append(episode(k % 2, 4000 + k, at_random, start, most=20))

with open(Path(__file__).with_name("cartpole.bin"), "wb") as out:
    out.write(struct.pack("<I", len(episodes)))
    for version, first, rows in episodes:
        out.write(struct.pack("<II4d", version, len(rows), *first))
        for action, terminated, truncated, reward, state in rows:
            out.write(struct.pack("<4B4d", action, terminated, truncated, int(reward), *state))

steps = sum(len(rows) for _, _, rows in episodes)
ends = sum(rows[-1][1] for _, _, rows in episodes)
limits = sum(rows[-1][2] for _, _, rows in episodes)
print(f"{len(episodes)} episodes, {steps} steps, {ends} terminated, {limits} truncated")
