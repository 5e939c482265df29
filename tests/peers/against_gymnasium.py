#!/usr/bin/env python3
"""Random steps of every environment that Gymnasium has: ours beside Gymnasium's, each from the same state.

against_gymnasium.py PROGRAM [--steps 1000000] [--seed 1] [ENVIRONMENT...]     PROGRAM is the built random_steps
Ends with status 1 if a state, a reward or an end is another. Gymnasium keeps MountainCarContinuous's state in float,
so that ours is rounded there before it is compared. Where a MuJoCo cart presses against its slide's end, solvers of
other releases stop elsewhere within their tolerance: docs/mujoco.md.
"""
import argparse
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import time

import gymnasium
import numpy as np

NEAR, IN_FLOAT = 1e-12, 1.3e-7  # of 1 + |x|; Gymnasium's observations are floats
SIZES = {"CartPole-v1": (4, 4), "Pendulum-v1": (2, 3), "MountainCar-v0": (2, 2), "MountainCarContinuous-v0": (2, 2),
         "Acrobot-v1": (4, 6)}
MUJOCO = {"InvertedPendulum-v4": (2, 4), "InvertedDoublePendulum-v4": (3, 11)}  # positions, features
AWAY, AT_LIMIT = 1e-10, 1e-3
BOX = ("Pendulum-v1", "MountainCarContinuous-v0")


def compare(name, rows, states):
    made = gymnasium.make(name)
    env, limit = made.unwrapped, made.spec.max_episode_steps
    env.reset(seed=0)
    single = name == "MountainCarContinuous-v0"
    far, ends, cuts, wrong = 0.0, 0, 0, 0
    for row in rows:
        length, before, rest = int(row[0]), row[1 : 1 + states], row[1 + states :]
        action, reward, terminated, truncated = rest[:4]
        after, seen = rest[4 : 4 + states], rest[4 + states :]
        env.state = before.copy() if name != "MountainCar-v0" else tuple(before)
        if name == "CartPole-v1":
            env.steps_beyond_terminated = None
        given = np.array([action]) if name in BOX else int(action)
        obs, theirs, ended, _, _ = env.step(given)
        cut = length >= limit and not ended
        ours = after.astype(np.float32) if single else after
        gap = max(np.max(np.abs(ours - env.state) / (1 + np.abs(ours))), abs(reward - theirs) / (1 + abs(reward)))
        seen_gap = np.max(np.abs(seen - obs) / (1 + np.abs(seen)))
        far = max(far, float(gap))
        ends += ended
        cuts += cut
        near = gap < (IN_FLOAT if single else NEAR) and seen_gap < IN_FLOAT
        if not near or (ended, cut) != (terminated, truncated):
            wrong += 1
            if wrong < 4:
                print(f"{name}: step {length} from {before} by {action}: ours {after} {reward} {terminated} "
                      f"{truncated}, Gymnasium's {env.state} {theirs} {ended} {cut}")
    return far, ends, cuts, wrong


def compare_mujoco(name, rows, n):
    """State: qpos, qvel, the accelerations that the solver starts from, constraint forces, time."""
    made = gymnasium.make(name)
    env, limit = made.unwrapped, made.spec.max_episode_steps
    env.reset(seed=0)
    data, states, far, ends, cuts, wrong, pressed = env.data, 4 * n + 1, [0.0, 0.0], 0, 0, 0, 0
    for row in rows:
        before, (action, reward, terminated, truncated) = row[1 : 1 + states], row[1 + states : 5 + states]
        after, seen = row[5 + states : 5 + 2 * states], row[5 + 2 * states :]
        data.qpos[:], data.qvel[:], data.qacc_warmstart[:] = before[:n], before[n : 2 * n], before[2 * n : 3 * n]
        obs, theirs, ended, _, _ = env.step(np.array([action]))
        cut = row[0] >= limit and not ended
        at_limit = bool(after[3 * n : 4 * n].any() or data.qfrc_constraint.any() or abs(before[0]) > 0.9)
        state = np.concatenate([data.qpos, data.qvel])
        gap = float(max(np.max(np.abs(after[: 2 * n] - state) / (1 + np.abs(state))),
                        abs(reward - theirs) / (1 + abs(reward)), np.max(np.abs(seen - obs) / (1 + np.abs(obs)))))
        far[at_limit] = max(far[at_limit], gap)
        pressed, ends, cuts = pressed + at_limit, ends + ended, cuts + cut
        if not gap < (AT_LIMIT if at_limit else AWAY) or (ended, cut) != (terminated, truncated):
            wrong += 1
            if wrong < 4:
                print(f"{name}: from {before[: 2 * n]} by {action}: {after[: 2 * n]}, Gymnasium's {state}, {gap:.1e}")
    print(f"{name}: {pressed} of the steps near or at the slide's end, the furthest there {far[1]:.1e}")
    return far[0], ends, cuts, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("environments", nargs="*")
    parser.add_argument("--steps", default=1_000_000, type=int)
    parser.add_argument("--seed", default=1, type=int)
    asked = parser.parse_args()
    failed = 0
    for name in asked.environments or [*SIZES, *MUJOCO]:
        if name in MUJOCO and importlib.util.find_spec("mujoco") is None:
            print(f"{name}: skipped, this Python has no mujoco")
            continue
        classic = name in SIZES
        states, features = SIZES[name] if classic else (4 * MUJOCO[name][0] + 1, MUJOCO[name][1])
        began = time.time()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "steps"
            ran = subprocess.run([asked.program, file, name, str(asked.steps), str(asked.seed)])
            if ran.returncode == 77:
                print(f"{name}: skipped, this build has no MuJoCo")
                continue
            ran.check_returncode()
            rows = np.fromfile(file).reshape(-1, 1 + 2 * states + 4 + features)
            size = states if classic else MUJOCO[name][0]
            far, ends, cuts, wrong = (compare if classic else compare_mujoco)(name, rows, size)
        failed += wrong
        print(f"{name}: {len(rows)} steps, {ends} ends, {cuts} time limits: {wrong} apart, the furthest {far:.1e} "
              f"({time.time() - began:.0f} s, gymnasium {gymnasium.__version__})", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
