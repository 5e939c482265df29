"""The list of what is measured."""
from cases import Case, Contender, Work
from systems import systems, systems_check


def loop(setting):
    cases = []
    for work, title, epochs, one, two in (("a2c", "A2C 64 × 16", 200, 2.2, 4.0),
                                          ("ppo", "PPO 64 × 128, 4 × 4", 24, 2.3, 4.2)):
        epochs = setting.count(epochs)
        contenders = []
        for threads in (1, 2):
            contenders += [setting.pigrad(work, threads, f"pigrad ×{threads}", epochs=epochs),
                           setting.script("jax_loop.py", "jax", f"JAX ×{threads}", work, threads, epochs=epochs),
                           setting.libtorch(work, threads, f"LibTorch ×{threads}", epochs=epochs)]
        ratios = [("pigrad ×1", "JAX ×1", one), ("pigrad ×2", "JAX ×2", two), ("pigrad ×2", "JAX ×1", None),
                  ("pigrad ×1", "LibTorch ×1", None), ("pigrad ×2", "LibTorch ×2", None),
                  ("pigrad ×2", "pigrad ×1", 1.85)]
        cases.append(Case(title, "steps/s", contenders, ratios, settings={
            "environment": "CartPole-v1", "networks": "own 64-64 tanh for policy and value, float32",
            "epochs in a round": epochs}))
    return cases


def baselines(setting):
    cases = []
    kinds = (("a2c_default", "A2C, default", 4000, 400, "1 copy × 5 steps, RMSprop"),
             ("ppo_default", "PPO, default", 10, 1, "1 copy × 2048 steps, 10 passes of 64"))
    for work, title, ours, theirs, what in kinds:
        contenders = [setting.pigrad(work, epochs=setting.count(ours)),
                      setting.script("baselines.py", "baselines", "Stable-Baselines3", work,
                                     epochs=setting.count(theirs))]
        cases.append(Case(title, "steps/s", contenders, [("pigrad", "Stable-Baselines3", 200)], settings={
            "environment": "CartPole-v1", "settings": what + ", own 64-64 tanh networks"}))
    return cases


def stepping(setting):
    cases = []
    for copies in (1024, 8192):
        contenders = [setting.pigrad("stepping", copies=copies, epochs=setting.count(60_000_000 / copies)),
                      setting.program("worker_puffer", "stepping", 1, "PufferLib", "pufferlib", copies=copies,
                                      epochs=setting.count(6_000_000 / copies)),
                      setting.script("stepping.py", "envpool", "EnvPool", "envpool", copies=copies,
                                     epochs=setting.count(400_000 / copies)),
                      setting.script("stepping.py", "gymnasium", "Gymnasium", "gymnasium", copies=copies,
                                     epochs=setting.count(4_000_000 / copies))]
        cases.append(Case(f"{copies} copies", "steps/s", contenders,
                          [("pigrad", "EnvPool", 400), ("pigrad", "Gymnasium", 20), ("pigrad", "PufferLib", 12)],
                          settings={"environment": "CartPole-v1 (PufferLib's: its own starts, 200 steps), random "
                                                   "actions drawn beforehand, resets included"}))
    return cases


def observation(setting):
    runtime = setting.program("worker_onnx", "observation", 1, "ONNX Runtime", "onnx", epochs=setting.count(50_000))
    runtime.variables = {"PIGRAD_ONNX_LIBRARY": setting.onnx}
    contenders = [setting.pigrad("observation", epochs=setting.count(200_000)),
                  setting.libtorch("observation", epochs=setting.count(20_000)),
                  setting.program("worker_rltools", "observation", 1, "RLtools", "rltools",
                                  epochs=setting.count(100_000)),
                  runtime]
    return [Case("one observation", "µs", contenders,
                 [("pigrad", "RLtools", 8), ("pigrad", "ONNX Runtime", None), ("pigrad", "LibTorch", None)],
                 less_is_better=True,
                 settings={"network": "4-64-64-2, tanh, float32"})]


def update(setting):
    """The program runs both in one process and checks gradients first; at least so many times faster, by its case."""
    aims = {"float 16": 35, "float 64": 14, "float 400": 5.5, "float 2048": 3.4, "float 4096": 3.2,
            "double 16": 15, "double 64": 8, "double 400": 3.5, "double 2048": 3.5, "double 4096": 3.5}
    aims |= {f"{kind} {scalar} {rows}": None for kind in ("Gaussian", "256-256") for scalar in ("float", "double")
             for rows in (64, 400, 2048, 4096)}
    command = [str(setting.programs / "bench_libtorch"), "--seconds", str(0.1 * setting.scale)]
    return [Case(title, "µs", [Contender("LibTorch", "libtorch", command)], [("pigrad", "LibTorch", aim)],
                 less_is_better=True) for title, aim in aims.items()]


def solve(setting):
    contenders = [Contender("pigrad", None, [str(setting.programs / "bench_solve"), "cartpole"]),
                  setting.script("baselines.py", "baselines", "Stable-Baselines3", "solve"),
                  setting.script("jax_loop.py", "jax", "JAX", "solve")]
    return [Case("CartPole-v1 solved", "s", contenders,
                 [("pigrad", "Stable-Baselines3", 20), ("pigrad", "JAX", 20)], less_is_better=True, settings={
                     "settings": "RL Zoo's PPO; one thread; from the process's start",
                     "solved": "20 greedy episodes every 2,048 steps, mean ≥ 475, confirmed by 100"})]


def pendulum(setting):
    contenders = [setting.pigrad("ppo_pendulum", threads, f"pigrad ×{threads}", epochs=setting.count(100))
                  for threads in (1, 2)]
    contenders.append(setting.program("worker_rltools", "pendulum", 1, "RLtools", "rltools", epochs=setting.count(60)))
    return [Case("PPO 4 × 1024, 2 × 16", "steps/s", contenders,
                 [("pigrad ×1", "RLtools", 1.6), ("pigrad ×2", "RLtools", 3)], settings={
                     "environment": "Pendulum-v1", "settings": "RLtools' CPU example, own 64-64 ReLU networks"})]


def pendulum_solved(setting):
    contenders = [Contender("pigrad", None, [str(setting.programs / "bench_solve"), "pendulum"]),
                  Contender("RLtools", "rltools", [str(setting.programs / "bench_worker_rltools"), "solve"])]
    return [Case("above −200", "s", contenders, [("pigrad", "RLtools", 1)], less_is_better=True, settings={
        "settings": "RLtools' CPU example; one thread; from the process's start",
        "solved": "100 greedy episodes every 4,096 steps, mean above −200"})]


WORKS = [
    Work("update", "A2C loss of 64-64 nets, Gaussian heads, 256-256: forward, backward, Adam, one process", update,
         "update"),
    Work("loop", "the whole training loop on CartPole-v1, one thread and two", loop),
    Work("pendulum", "PPO on Pendulum-v1 with the settings of RLtools' CPU example", pendulum),
    Work("returns", "wall time from the process's start to a return above −200 on Pendulum-v1", pendulum_solved,
         "solve"),
    Work("baselines", "Stable-Baselines3's A2C and PPO as they come", baselines),
    Work("stepping", "stepping many copies of CartPole-v1", stepping),
    Work("systems", "the five systems by their sources' settings, against PyTorch", systems, check=systems_check,
         rounds=7),
    Work("observation", "latency of one observation through a policy", observation),
    Work("solve", "wall time from the process's start to a solved CartPole-v1", solve, "solve"),
]
