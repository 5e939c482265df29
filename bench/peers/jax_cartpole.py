"""CartPole-v1 in JAX for many copies at once: Gymnasium's equations, reset in the step that ends an episode."""
import jax
import jax.numpy as jnp

LIMIT, ANGLE, TRACK = 500, 12 * jnp.pi / 180, 2.4


def start(key, copies):
    """States [copies × 4] and step counts [copies]."""
    return jax.random.uniform(key, (copies, 4), minval=-0.05, maxval=0.05), jnp.zeros(copies, jnp.int32)


def step(key, state, count, action):
    """(state, count) after the action and any reset, the reward, and whether the episode ended by itself or the limit.

    The limit counts as an end, as it does in PureJaxRL's wrappers.
    """
    x, v, angle, rate = state.T
    force = jnp.where(action == 1, 10.0, -10.0)
    sin, cos = jnp.sin(angle), jnp.cos(angle)
    push = (force + 0.05 * rate**2 * sin) / 1.1
    turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    pull = push - 0.05 * turn * cos / 1.1
    moved = jnp.stack([x + 0.02 * v, v + 0.02 * pull, angle + 0.02 * rate, rate + 0.02 * turn], 1)
    count = count + 1
    ended = (jnp.abs(moved[:, 0]) > TRACK) | (jnp.abs(moved[:, 2]) > ANGLE) | (count >= LIMIT)
    fresh, zero = start(key, len(count))
    return jnp.where(ended[:, None], fresh, moved), jnp.where(ended, zero, count), jnp.ones_like(x), ended
