"""Those whom pigrad is compared with: what they are called, where they come from, which of them are there."""
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from words import Refusal, say


@dataclass(frozen=True)
class Peer:
    name: str          # on the command line
    title: str         # in tables
    package: str       # whose version counts
    requirement: str   # for pip
    mandatory: bool = False
    beside: tuple = ()  # further packages that have to be there


PEERS = [
    Peer("libtorch", "LibTorch", "torch", "torch>=2.4,<3", mandatory=True),
    Peer("baselines", "Stable-Baselines3", "stable-baselines3", "stable-baselines3>=2.3,<3", mandatory=True),
    Peer("jax", "JAX", "jax", "jax[cpu]>=0.4.30", mandatory=True),
    Peer("pytorch", "PyTorch", "torch", "torch>=2.4,<3 gymnasium[mujoco]>=1.0,<2", beside=("gymnasium", "mujoco")),
    Peer("envpool", "EnvPool", "envpool", "envpool>=0.8"),
    Peer("gymnasium", "Gymnasium", "gymnasium", "gymnasium>=1.0,<2"),
]
BY_NAME = {peer.name: peer for peer in PEERS}


def chosen(text):
    """--peers: all, none, or names with commas between."""
    if text in ("all", "none"):
        return list(PEERS) if text == "all" else []
    names = text.split(",")
    for name in names:
        if name not in BY_NAME:
            raise Refusal("--peers", f"there is no peer {name}", f"choose from {', '.join(BY_NAME)}, or all, or none")
    return [BY_NAME[name] for name in names]


@dataclass
class Present:
    """The peers that can be measured, and why the others cannot."""
    python: str
    versions: dict = field(default_factory=dict)   # by name
    missing: dict = field(default_factory=dict)    # by name

    def drop(self, name, why):
        self.versions.pop(name, None)
        self.missing[name] = why

    def require_mandatory(self, asked):
        """Ends the run where a result could not be kept."""
        lacking = [peer for peer in asked if peer.mandatory and peer.name in self.missing]
        if lacking:
            why = "; ".join(f"{peer.title}: {self.missing[peer.name]}" for peer in lacking)
            there = ",".join(peer.name for peer in asked if peer.name not in self.missing) or "none"
            raise Refusal("--peers", f"results are not kept without {why}",
                          f"mend that, or measure without it: --peers {there}")


def all_mandatory(present):
    return all(peer.name in present.versions for peer in PEERS if peer.mandatory)


def version(python, package):
    """A package's version in that interpreter, or None."""
    code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
    try:
        found = subprocess.run([python, "-c", code, package], capture_output=True, text=True)
    except OSError as error:
        raise Refusal("PIGRAD_BENCH_PYTHON", f"{python} does not run: {error.strerror}",
                      "give the path of a Python interpreter") from None
    return found.stdout.strip() if found.returncode == 0 else None


def absent(python, peer):
    """The first of a peer's packages that is not there, or None."""
    return next((name for name in (peer.package, *peer.beside) if not version(python, name)), None)


def make_environment(folder):
    """A virtual environment of the peers' own. Returns its interpreter."""
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"making a Python environment for the peers in {folder}")
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True)
        if made.returncode:
            raise Refusal("peers", "python3 -m venv failed: " + (made.stdout + made.stderr).strip().split("\n")[0],
                          "install python3-venv, or name an interpreter that has them: PIGRAD_BENCH_PYTHON=PATH")
    return str(python)


def install(python, peer, log):
    """Installs one peer from PyPI. Returns None, or why it failed."""
    say(f"installing {peer.title} from PyPI" + (" (some gigabytes)" if peer.name == "libtorch" else ""))
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", *peer.requirement.split()]
    with open(log, "a") as file:
        if subprocess.run(command, stdout=file, stderr=file).returncode:
            return f"pip could not install {peer.requirement}; the log is {log}"
    return None


def prepare(asked, build):
    """Finds the peers that were asked for, and installs those that are missing into build/peers, unless
    PIGRAD_BENCH_PYTHON names the interpreter to take as it is."""
    named = os.environ.get("PIGRAD_BENCH_PYTHON")
    if not asked:
        return Present(named or sys.executable)
    present = Present(named or make_environment(Path(build) / "peers"))
    for peer in asked:
        lacking, why = absent(present.python, peer), None
        if lacking and not named:
            why = install(present.python, peer, Path(build) / "peers.log")
            lacking = why or absent(present.python, peer)
        if lacking:
            present.missing[peer.name] = why or f"{lacking} is not in {present.python}"
        else:
            present.versions[peer.name] = version(present.python, peer.package)
    return present


def torch_folder(present):
    """Where LibTorch's headers and libraries are, for CMAKE_PREFIX_PATH."""
    code = "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    return subprocess.run([present.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
