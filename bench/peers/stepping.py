"""CartPole-v1 stepped with random actions, drawn beforehand, resets included: environment steps/s, see worker.py.

    stepping.py envpool|gymnasium --copies N --epochs STEPS
"""
import worker

asked = worker.options("envpool", "gymnasium")

import numpy as np  # noqa: E402

if asked.work == "envpool":
    import envpool
    environment = envpool.make("CartPole-v1", env_type="gymnasium", num_envs=asked.copies, num_threads=asked.threads,
                               seed=asked.seed)
    version = envpool.__version__
else:
    import gymnasium
    environment = gymnasium.make_vec("CartPole-v1", asked.copies, vectorization_mode="vector_entry_point")
    version = gymnasium.__version__

environment.reset()
actions = np.random.default_rng(asked.seed).integers(0, 2, (64, asked.copies))
actions = actions.astype(np.int32 if asked.work == "envpool" else np.int64)


def measure():
    environment.step(actions[0])

    def run():
        for i in range(asked.epochs):
            environment.step(actions[i % 64])
    return asked.copies * asked.epochs / worker.seconds_of(run)


worker.serve(measure, **{"EnvPool" if asked.work == "envpool" else "Gymnasium": version})
