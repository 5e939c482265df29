# Makes mujoco.bin with gymnasium 1.4.0, mujoco 4.0.0, numpy 2.4.6, Python 3.11: python make_mujoco.py
#
# Little-endian: u32 episodes; for each: u32 environment (0 InvertedPendulum-v4, 1 InvertedDoublePendulum-v4), u32
# steps, the start; for each step: f64 action, u8 terminated + 2·truncated, f64 reward, and what it led to. A start and
# what a step led to are f64 qpos[nq], qvel[nv] and the constraint's force on the slide, which is all of
# qfrc_constraint. Actions reach beyond the bounds. Ends come from random actions (termination), from a balancing
# feedback (the limit of 1000) and from feedback towards a place beyond the slide's limit, and from starts injected in
# and near that limit.
import struct
import warnings
from pathlib import Path

import gymnasium
import mujoco
import numpy as np

assert gymnasium.__version__ == "1.4.0", gymnasium.__version__
assert mujoco.__version__ == "4.0.0", mujoco.__version__
warnings.simplefilter("ignore")

rng = np.random.default_rng(20240611)
names = ["InvertedPendulum-v4", "InvertedDoublePendulum-v4"]
bound = [3.0, 1.0]


def state_of(env):
    d = env.unwrapped.data
    assert not d.qfrc_constraint[1:].any()
    return np.concatenate([d.qpos, d.qvel, d.qfrc_constraint[:1]])


def put(env, state):
    n = env.unwrapped.model.nq
    env.unwrapped.set_state(np.array(state[:n]), np.array(state[n : 2 * n]))


def feedback(kind):
    """Gains K of u = −K s that minimise Σ sᵀs + u², by central differences about the upright rest."""
    env = gymnasium.make(names[kind], disable_env_checker=True)
    env.reset(seed=0)
    n = 2 * env.unwrapped.model.nq

    def after(state, action):
        put(env, state)
        env.unwrapped.do_simulation([action], env.unwrapped.frame_skip)
        return state_of(env)[:n]

    h = 1e-5
    a = np.stack([(after(h * e, 0) - after(-h * e, 0)) / (2 * h) for e in np.eye(n)], axis=1)
    b = ((after(np.zeros(n), h) - after(np.zeros(n), -h)) / (2 * h))[:, None]
    p = np.eye(n)
    for _ in range(5000):
        k = np.linalg.solve(1 + b.T @ p @ b, b.T @ p @ a)
        p = np.eye(n) + a.T @ p @ (a - b @ k)
    return k[0]


gains = [feedback(0), feedback(1)]


def at_random(kind, state):
    return rng.uniform(-1.3, 1.3) * bound[kind]


def balance(target, noise):
    def act(kind, state):
        error = state[: len(gains[kind])].copy()
        error[0] -= target
        return -gains[kind] @ error + noise * bound[kind] * rng.standard_normal()

    return act


def episode(kind, seed, policy, start=None, most=None):
    env = gymnasium.make(names[kind], disable_env_checker=True)
    env.reset(seed=seed)
    if start is not None:
        put(env, start)
    first = state_of(env)
    rows = []
    terminated = truncated = False
    while not (terminated or truncated) and (most is None or len(rows) < most):
        action = float(policy(kind, state_of(env)))
        _, reward, terminated, truncated, _ = env.step(np.array([action]))
        rows.append((action, terminated, truncated, float(reward), state_of(env)))
    return kind, first, rows


episodes = [episode(kind, 1, balance(0, 0.1)) for kind in (0, 1)]
for k in range(80):
    episodes.append(episode(k % 2, 1000 + k, at_random))
for k in range(20):
    episodes.append(episode(k % 2, 2000 + k, balance(1.1 * (-1) ** (k // 2), 0.2), most=100))
for k in range(80):
    kind = k % 2
    reach = [1.02, 0.19, 3, 1] if kind == 0 else [1.02, 0.2, 0.2, 3, 1, 1]
    start = rng.uniform(-1, 1, len(reach)) * reach
    start[0] = np.copysign(rng.uniform(0.85, 1.02), start[0])
    episodes.append(episode(kind, 3000 + k, at_random, start, most=15))

with open(Path(__file__).with_name("mujoco.bin"), "wb") as out:
    out.write(struct.pack("<I", len(episodes)))
    for kind, first, rows in episodes:
        out.write(struct.pack(f"<II{len(first)}d", kind, len(rows), *first))
        for action, terminated, truncated, reward, state in rows:
            out.write(struct.pack(f"<dBd{len(state)}d", action, terminated + 2 * truncated, reward, *state))

for kind in (0, 1):
    mine = [rows for k, _, rows in episodes if k == kind]
    steps = sum(len(rows) for rows in mine)
    ends = sum(rows[-1][1] for rows in mine)
    limits = sum(rows[-1][2] for rows in mine)
    pushed = sum(row[4][-1] != 0 for rows in mine for row in rows)
    print(f"{names[kind]}: {len(mine)} episodes, {steps} steps, {ends} terminated, {limits} truncated, {pushed} pushed")
