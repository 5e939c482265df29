"""Stable-Baselines3 on CartPole-v1.

    baselines.py a2c_default|ppo_default --epochs N    environment steps/s with its default settings, see worker.py
    baselines.py solve --seed N                        RL Zoo's PPO until solved, from the process's start
"""
import warnings

import worker

asked = worker.options("a2c_default", "ppo_default", "solve")
warnings.simplefilter("ignore")

import stable_baselines3 as sb3  # noqa: E402
import torch  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402

torch.set_num_threads(asked.threads)


def race(algorithm, epoch_steps):
    def measure():
        model = algorithm("MlpPolicy", "CartPole-v1", seed=asked.seed, device="cpu")
        steps = epoch_steps * asked.epochs
        model.learn(epoch_steps)
        return steps / worker.seconds_of(lambda: model.learn(steps, reset_num_timesteps=False))
    worker.serve(measure, **{"Stable-Baselines3": sb3.__version__, "torch": torch.__version__})


def solve():
    """Evaluations of 20 every 2048 steps, in 20 copies at once, until one reaches 475 and 100 further confirm it."""
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.evaluation import evaluate_policy
    judges = make_vec_env("CartPole-v1", 20, seed=1000 + asked.seed)

    class UntilSolved(BaseCallback):
        result = None

        def _on_step(self):
            return self.result is None

        def _on_rollout_start(self):
            if self.num_timesteps and self.num_timesteps % 2048 == 0 and self.result is None:
                twenty = evaluate_policy(self.model, judges, 20)[0]
                if twenty >= 475:
                    hundred = evaluate_policy(self.model, judges, 100)[0]
                    if hundred >= 475:
                        self.result = (self.num_timesteps, twenty, hundred)
                        worker.solved(*self.result)

    linear = lambda start: lambda left: start * left
    model = sb3.PPO("MlpPolicy", make_vec_env("CartPole-v1", 8, seed=asked.seed), n_steps=32, batch_size=256,
                    gae_lambda=0.8, gamma=0.98, n_epochs=20, ent_coef=0.0, learning_rate=linear(1e-3),
                    clip_range=linear(0.2), seed=asked.seed, device="cpu")
    until = UntilSolved()
    model.learn(100_000, callback=until)
    if until.result is None:
        worker.solved(100_000, None, None)


if asked.work == "solve":
    solve()
else:
    race(sb3.A2C if asked.work == "a2c_default" else sb3.PPO, 5 if asked.work == "a2c_default" else 2048)
