"""A2C and PPO on CartPole-v1 with environment, rollout and updates in one compiled program, after the pattern of
PureJaxRL: own 64-64 tanh networks for policy and value, generalised advantages, Adam.

    jax_loop.py a2c|ppo --threads N --epochs N     environment steps/s, see worker.py
    jax_loop.py solve --seed N                     RL Zoo's PPO until solved, from the process's start

A random key a step; the rollout's last value closes the sums; minibatches of a shuffled rollout. Compilation comes
before the first round (and inside `solve`, whose time is the process's own).
"""
import os

import worker

asked = worker.options("a2c", "ppo", "solve")
# One thread: XLA's own pool must not be asked for another.
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + (
    f" --xla_cpu_multi_thread_eigen={'true' if asked.threads > 1 else 'false'}"
    f" intra_op_parallelism_threads={asked.threads}")
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jax_cartpole as cartpole  # noqa: E402
from types import SimpleNamespace as Settings  # noqa: E402

A2C = Settings(algorithm="a2c", copies=64, steps=16, gamma=0.99, lam=0.95, policy_rate=1e-3, value_rate=1e-3,
               epsilon=1e-8, orthogonal=False)
PPO = Settings(algorithm="ppo", copies=64, steps=128, gamma=0.99, lam=0.95, rate=2.5e-4, epsilon=1e-5, passes=4,
               minibatches=4, clip=0.2, value_weight=0.5, entropy=0.01, most_norm=0.5, updates=None, orthogonal=False)
ZOO = Settings(algorithm="ppo", copies=8, steps=32, gamma=0.98, lam=0.8, rate=1e-3, epsilon=1e-5, passes=20,
               minibatches=1, clip=0.2, value_weight=0.5, entropy=0.0, most_norm=0.5, updates=391, orthogonal=True)


def network(key, sizes, last, orthogonal):
    """[(weights [in × out], biases [out])…]: orthogonal with gain √2 (`last` in the last layer), or PyTorch's start."""
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        key, one, two = jax.random.split(key, 3)
        if orthogonal:
            gain = last if i == len(sizes) - 2 else 2**0.5
            layers.append((jax.nn.initializers.orthogonal(gain)(one, (inputs, outputs)), jnp.zeros(outputs)))
        else:
            bound = inputs**-0.5
            layers.append((jax.random.uniform(one, (inputs, outputs), minval=-bound, maxval=bound),
                           jax.random.uniform(two, (outputs,), minval=-bound, maxval=bound)))
    return layers


def apply(layers, x):
    for weights, biases in layers[:-1]:
        x = jnp.tanh(x @ weights + biases)
    weights, biases = layers[-1]
    return x @ weights + biases


def adam_start(parameters):
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return zeros, zeros, jnp.zeros((), jnp.int32)


def adam(parameters, gradient, state, rate, epsilon):
    mean, square, count = state
    count = count + 1
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
    square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
    first, second = 1 - 0.9**count, 1 - 0.999**count
    moved = jax.tree.map(lambda p, m, s: p - rate * (m / first) / (jnp.sqrt(s / second) + epsilon), parameters, mean,
                         square)
    return moved, (mean, square, count)


def chosen(log_probs, action):
    return jnp.take_along_axis(log_probs, action[:, None], 1)[:, 0]


def collect(s, carry):
    """T steps of every copy: observations [T×E×4], actions, their log-probabilities, values, rewards, ends."""
    def one(carry, _):
        parameters, state, count, key = carry
        key, sample, reset = jax.random.split(key, 3)
        log_probs = jax.nn.log_softmax(apply(parameters["policy"], state))
        action = jax.random.categorical(sample, log_probs)
        value = apply(parameters["value"], state)[:, 0]
        moved, count, reward, ended = cartpole.step(reset, state, count, action)
        return (parameters, moved, count, key), (state, action, chosen(log_probs, action), value, reward, ended)
    return jax.lax.scan(one, carry, None, s.steps)


def advantages(s, value, reward, ended, last_value):
    def one(carry, row):
        advantage, next_value = carry
        value, reward, ended = row
        going = 1.0 - ended
        delta = reward + s.gamma * next_value * going - value
        advantage = delta + s.gamma * s.lam * going * advantage
        return (advantage, value), advantage
    start = (jnp.zeros_like(last_value), last_value)
    return jax.lax.scan(one, start, (value, reward, ended), reverse=True)[1]


def returns(s, reward, ended, last_value):
    def one(after, row):
        reward, ended = row
        after = reward + s.gamma * after * (1.0 - ended)
        return after, after
    return jax.lax.scan(one, last_value, (reward, ended), reverse=True)[1]


def a2c_update(s, parameters, optimiser, rows, count, key):
    """A step of each network on the whole rollout."""
    obs, action, _, advantage, target, _ = rows
    advantage = (advantage - advantage.mean()) / advantage.std()
    policy_loss = lambda p: -(chosen(jax.nn.log_softmax(apply(p, obs)), action) * advantage).mean()
    value_loss = lambda p: ((apply(p, obs)[:, 0] - target)**2).mean()
    moved = {}
    for name, loss, rate in (("policy", policy_loss, s.policy_rate), ("value", value_loss, s.value_rate)):
        moved[name], optimiser[name] = adam(parameters[name], jax.grad(loss)(parameters[name]), optimiser[name], rate,
                                            s.epsilon)
    return moved, optimiser


def ppo_loss(s, parameters, rows, clip):
    obs, action, old, advantage, _, target = rows
    log_probs = jax.nn.log_softmax(apply(parameters["policy"], obs))
    ratio = jnp.exp(chosen(log_probs, action) - old)
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    surrogate = jnp.minimum(ratio * advantage, jnp.clip(ratio, 1 - clip, 1 + clip) * advantage).mean()
    entropy = -(jnp.exp(log_probs) * log_probs).sum(1).mean()
    value_loss = ((apply(parameters["value"], obs)[:, 0] - target)**2).mean()
    return -surrogate + s.value_weight * value_loss - s.entropy * entropy


def ppo_update(s, parameters, optimiser, rows, count, key):
    """K passes over the shuffled rollout, one step of both networks a minibatch, the gradient's norm clipped."""
    left = 1.0 if s.updates is None else 1.0 - count / s.updates
    # The rate falls with the clip only in RL Zoo's settings, where the number of updates is known.
    def minibatch(carry, rows):
        parameters, optimiser = carry
        gradient = jax.grad(lambda p: ppo_loss(s, p, rows, s.clip * left))(parameters)
        norm = jnp.sqrt(sum((g * g).sum() for g in jax.tree.leaves(gradient)))
        scale = jnp.minimum(1.0, s.most_norm / (norm + 1e-6))
        gradient = jax.tree.map(lambda g: g * scale, gradient)
        return adam(parameters, gradient, optimiser, s.rate * left, s.epsilon), None

    def one_pass(carry, key):
        order = jax.random.permutation(key, s.steps * s.copies)
        parts = jax.tree.map(lambda x: x[order].reshape((s.minibatches, -1) + x.shape[1:]), rows)
        return jax.lax.scan(minibatch, carry, parts)

    (parameters, optimiser), _ = jax.lax.scan(one_pass, (parameters, optimiser), jax.random.split(key, s.passes))
    return parameters, optimiser


def begin(s, key):
    """Everything that an epoch changes."""
    one, two, three, key = jax.random.split(key, 4)
    parameters = {"policy": network(one, (4, 64, 64, 2), 0.01, s.orthogonal),
                  "value": network(two, (4, 64, 64, 1), 1.0, s.orthogonal)}
    if s.algorithm == "a2c":
        optimiser = {name: adam_start(part) for name, part in parameters.items()}
    else:
        optimiser = adam_start(parameters)
    return parameters, optimiser, *cartpole.start(three, s.copies), jnp.zeros((), jnp.int32), key


def epoch(s, run):
    """Collect, estimate, update."""
    parameters, optimiser, state, count, epochs, key = run
    (_, state, count, key), (obs, action, log_prob, value, reward, ended) = collect(s, (parameters, state, count, key))
    last_value = apply(parameters["value"], state)[:, 0]
    advantage = advantages(s, value, reward, ended, last_value)
    rows = (obs, action, log_prob, advantage, returns(s, reward, ended, last_value), advantage + value)
    rows = jax.tree.map(lambda x: x.reshape((-1,) + x.shape[2:]), rows)
    key, use = jax.random.split(key)
    update = a2c_update if s.algorithm == "a2c" else ppo_update
    parameters, optimiser = update(s, parameters, optimiser, rows, epochs, use)
    return parameters, optimiser, state, count, epochs + 1, key


def train(s, run, epochs):
    return jax.lax.scan(lambda run, _: (epoch(s, run), None), run, None, epochs)[0]


def evaluate(parameters, key, episodes):
    """Mean return of so many whole episodes, each action the most probable one."""
    def one(carry, _):
        state, count, going, total = carry
        action = jnp.argmax(apply(parameters["policy"], state), 1)
        state, count, reward, ended = cartpole.step(key, state, count, action)
        return (state, count, going & ~ended, total + reward * going), None
    state, count = cartpole.start(key, episodes)
    carry = (state, count, jnp.ones(episodes, bool), jnp.zeros(episodes))
    return jax.lax.scan(one, carry, None, cartpole.LIMIT)[0][3].mean()


def race(s):
    """Rounds of so many epochs from the start, after one that is compiled and run untimed."""
    start = jax.jit(lambda key: begin(s, key))
    first = jax.jit(lambda run: train(s, run, 1))
    rest = jax.jit(lambda run: train(s, run, asked.epochs))
    fresh = lambda: jax.block_until_ready(first(start(jax.random.key(asked.seed))))
    jax.block_until_ready(rest(fresh()))

    def measure():
        run = fresh()
        return s.steps * s.copies * asked.epochs / worker.seconds_of(lambda: jax.block_until_ready(rest(run)))
    worker.serve(measure, jax=jax.__version__)


def solve(s):
    """Evaluations of 20 every 2048 steps until one reaches 475 and 100 further episodes confirm it."""
    between = 2048 // (s.steps * s.copies)
    some = jax.jit(lambda run: train(s, run, between))
    score = jax.jit(evaluate, static_argnums=2)
    run = jax.jit(lambda key: begin(s, key))(jax.random.key(asked.seed))
    for steps in range(2048, 100001, 2048):
        run = some(run)
        twenty = float(score(run[0], jax.random.key(1000 + asked.seed), 20))
        if twenty >= 475:
            hundred = float(score(run[0], jax.random.key(2000 + asked.seed), 100))
            if hundred >= 475:
                return worker.solved(steps, twenty, hundred)
    worker.solved(steps, None, None)


solve(ZOO) if asked.work == "solve" else race(A2C if asked.work == "a2c" else PPO)
