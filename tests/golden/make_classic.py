# Makes classic.bin with gymnasium 1.4.0, numpy 2.4.6, Python 3.11: python make_classic.py
#
# Little-endian: u32 episodes; for each: 32 bytes of name, u32 steps, f64[n] start state (n as the environment has it);
# for each step: f64 action, u8 terminated + 2·truncated, f64 reward, f64[n] state after it.
#
# Random actions end neither MountainCar nor Acrobot, and leave no other at its limit: rules that pump energy or hold
# the cart bring the rest, and starts injected far from the usual ones the walls, bounds and wraps. Box actions are
# floats, as Gymnasium's spaces hold them, and beyond the bounds too; those of episodes marked double are not
# representable in float. The swing-up has no original in Gymnasium: SwingUp below is its definition, in plain double
# precision.
import math
import struct
from pathlib import Path

import gymnasium
import numpy as np

assert gymnasium.__version__ == "1.4.0", gymnasium.__version__
assert np.__version__ == "2.4.6", np.__version__

rng = np.random.default_rng(20240608)


class SwingUp:
    """Cart 0.5 kg, pole 0.5 kg of 0.6 m, g 9.82, friction 0.1 N s/m, 10 N at most, Euler steps of 0.01 s."""

    def __init__(self, version):
        self.version = version
        self.state = [0.0] * 4

    def reset(self, seed):
        draw = np.random.default_rng(seed).normal([0, 0, math.pi, 0], 0.2)
        self.state = [float(value) for value in draw]

    def step(self, action):
        x, x_dot, theta, theta_dot = self.state
        m_p, length, g, friction, dt, mass = 0.5, 0.6, 9.82, 0.1, 0.01, 1.0
        u = 10.0 * min(max(float(action[0]), -1.0), 1.0)
        s, c = math.sin(theta), math.cos(theta)
        x_acc = (-2 * m_p * length * theta_dot**2 * s + 3 * m_p * g * s * c + 4 * u - 4 * friction * x_dot) / (
            4 * mass - 3 * m_p * c**2
        )
        theta_acc = (
            -3 * m_p * length * theta_dot**2 * s * c + 6 * mass * g * s + 6 * (u - friction * x_dot) * c
        ) / (4 * length * mass - 3 * m_p * length * c**2)
        x, theta = x + dt * x_dot, theta + dt * theta_dot
        x_dot, theta_dot = x_dot + dt * x_acc, theta_dot + dt * theta_acc
        self.state = [x, x_dot, theta, theta_dot]
        reward = math.cos(theta) if self.version == 0 else (1 + math.cos(theta)) / 2
        return None, reward, abs(x) > 2.4, False, {}


class Limited:
    """The time limit that Gymnasium's own wrapper sets; and the state, to read and to set."""

    def __init__(self, name):
        self.name = name
        if name.startswith("CartPoleSwingUp"):
            self.inner, self.limit = SwingUp(int(name[-1])), 500
        else:
            made = gymnasium.make(name)
            self.inner, self.limit = made.unwrapped, made.spec.max_episode_steps
        self.steps = 0

    @property
    def state(self):
        return np.array(self.inner.state, dtype=np.float64)

    def reset(self, seed, start):
        self.steps = 0
        self.inner.reset(seed=seed)
        if start is not None:
            self.inner.state = start

    def step(self, action):
        _, reward, terminated, _, _ = self.inner.step(action)
        self.steps += 1
        return float(reward), bool(terminated), self.steps >= self.limit and not terminated


def whole(rule):
    return lambda state: (rule(state), None)


def box(rule, kind=np.float32):
    def act(state):
        array = np.array([rule(state)], dtype=kind)
        return float(array[0]), array

    return act


def doubles(rule):
    """Actions that float cannot hold, so that their type is known by their value."""
    return box(lambda state: rule(state) * (1 + 2.0**-40) + 1e-9, np.float64)


def random_index(state):
    return int(rng.integers(3))


def random_box(most):
    return lambda state: rng.uniform(-most, most)


def hold_cart(state):
    return -2.0 * state[0] - 1.5 * state[1] + rng.uniform(-0.3, 0.3)


def pump_cart(state):
    x, x_dot, theta, theta_dot = state
    return 0.7 * np.sign(theta_dot * np.cos(theta) + 1e-9) - 0.6 * x - 0.3 * x_dot


def pump_pendulum(state):
    return 2.5 * np.sign(state[1] + 1e-9)


def pump_car(state):
    return 2 if state[1] >= 0 else 0


def throttle(state):
    return (1.3 if state[1] >= 0 else -1.3) * rng.uniform(0.6, 1)


def pump_acrobot(state):
    return 2 if state[3] > 0 else 0


def episode(name, seed, policy, start=None, most=None):
    env = Limited(name)
    env.reset(seed, start)
    first = env.state
    rows, ended = [], False
    while not ended and (most is None or len(rows) < most):
        number, array = policy(env.state)
        reward, terminated, truncated = env.step(number if array is None else array)
        ended = terminated or truncated
        rows.append((float(number), terminated + 2 * truncated, reward, env.state))
    return name, first, rows


episodes = []


def add(*arguments, **named):
    episodes.append(episode(*arguments, **named))


for version in (0, 1):
    name = f"CartPoleSwingUp-v{version}"
    add(name, 0, box(random_box(1.5)), most=250)
    add(name, 10, box(hold_cart))
    add(name, 11, box(pump_cart), most=300)
    add(name, 12, doubles(random_box(1.5)), most=100)
    for seed in range(30):
        start = rng.uniform([-2.4, -8, -20, -12], [2.4, 8, 20, 12])
        add(name, 20 + seed, box(random_box(1.5)), start, most=20)

for seed in range(4):
    add("Pendulum-v1", seed, box(random_box(3)))
for seed in range(4):
    add("Pendulum-v1", 10 + seed, box(pump_pendulum))
for seed in range(3):
    add("Pendulum-v1", 20 + seed, doubles(random_box(3)))
for seed in range(60):
    start = rng.uniform([-40, -8], [40, 8])
    add("Pendulum-v1", 30 + seed, box(random_box(3)), start, most=20)

for seed in range(3):
    add("MountainCar-v0", seed, whole(random_index))
for seed in range(8):
    add("MountainCar-v0", 10 + seed, whole(pump_car))
for seed in range(80):
    start = rng.uniform([-1.2, -0.07], [0.55, 0.07])
    add("MountainCar-v0", 30 + seed, whole(random_index), start, most=20)

add("MountainCarContinuous-v0", 0, box(random_box(1.6)))
for seed in range(8):
    add("MountainCarContinuous-v0", 10 + seed, box(throttle))
for seed in range(4):
    add("MountainCarContinuous-v0", 20 + seed, doubles(throttle))
for seed in range(50):
    start = rng.uniform([-1.2, -0.07], [0.5, 0.07])
    if seed % 2:
        start = start.astype(np.float32)
    add("MountainCarContinuous-v0", 30 + seed, (box, doubles)[seed % 3 == 0](random_box(1.6)), start, most=20)

for seed in range(2):
    add("Acrobot-v1", seed, whole(random_index))
for seed in range(8):
    add("Acrobot-v1", 10 + seed, whole(pump_acrobot))
for seed in range(150):
    start = rng.uniform([-np.pi, -np.pi, -4 * np.pi, -9 * np.pi], [np.pi, np.pi, 4 * np.pi, 9 * np.pi])
    add("Acrobot-v1", 30 + seed, whole(random_index), start, most=20)

with open(Path(__file__).with_name("classic.bin"), "wb") as out:
    out.write(struct.pack("<I", len(episodes)))
    for name, first, rows in episodes:
        out.write(struct.pack(f"<32sI{len(first)}d", name.encode(), len(rows), *first))
        for number, flags, reward, state in rows:
            out.write(struct.pack(f"<dBd{len(state)}d", number, flags, reward, *state))

for name in sorted({name for name, _, _ in episodes}):
    all_rows = [row for which, _, rows in episodes if which == name for row in rows]
    ends = sum(row[1] == 1 for row in all_rows)
    limits = sum(row[1] == 2 for row in all_rows)
    print(f"{name}: {len(all_rows)} steps, {ends} terminated, {limits} truncated")
