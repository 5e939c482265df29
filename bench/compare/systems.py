"""The five systems with their sources' settings, whole runs or their beginnings, against PyTorch."""
from cases import PEER_FILES, ROOT, Case

# Title, recipe, epochs of a whole run, those of a round of ours and of theirs, the aim.
SYSTEMS = (("1 REINFORCE", "reinforce-cartpole", 100, 100, 1, 30),
           ("1 A2C", "a2c-cartpole", 100, 100, 1, 30),
           ("2 CartPole-v0", "a2c-linear-cartpole", 100, 20, 1, 30),
           ("2 swing-up", "a2c-swingup", 256, 4, 1, 30),
           ("3 Sutton and Barto", "reinforce-sutton-barto", 5000, 5000, 60, 1000),
           ("4 pendulum", "reinforce-inverted-pendulum", 100, 40, 2, 15),
           ("4 with a baseline", "reinforce-inverted-pendulum-baseline", 100, 40, 2, 15),
           ("5 VPG", "vpg-cartpole", 100, 100, 4, 30),
           ("5 lookahead", "vpg-lookahead-cartpole", 100, 60, 4, 30))


def systems(setting):
    cases = []
    for title, name, whole, ours, theirs, aim in SYSTEMS:
        ours, theirs = (whole, whole) if setting.full else (setting.count(ours), setting.count(theirs))
        contenders = []
        for threads in (1, 2):
            # Without MuJoCo in our build, or theirs, that system is left out.
            contenders += [setting.program("worker_recipe", name + ".source", threads, f"pigrad ×{threads}",
                                           needed=False, epochs=ours),
                           setting.script("systems.py", "pytorch", f"PyTorch ×{threads}", name, threads, epochs=theirs)]
        # PyTorch is mostly quicker on one thread here, so both are aimed at.
        ratios = [("pigrad ×2", "PyTorch ×1", aim), ("pigrad ×2", "PyTorch ×2", aim), ("pigrad ×1", "PyTorch ×1", None)]
        cases.append(Case(title, "steps/s", contenders, ratios, settings={
            "recipe": f"recipes/{name}.source.yaml", "epochs of a round, pigrad": f"{ours} of {whole}",
            "epochs of a round, PyTorch": f"{theirs} of {whole}"}))
    return cases


def systems_check(setting):
    """Three epochs' parameters of each, against what pigrad's own tests are held to."""
    return "pytorch", [setting.python, str(PEER_FILES / "systems_parity.py"),
                       str(ROOT / "tests" / "golden" / "recipes.safetensors")]
