"""Those whom pigrad is compared with: what they are called, where they come from, which of them are there."""
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from words import Refusal, say


@dataclass(frozen=True)
class Peer:
    name: str               # on the command line
    title: str              # in tables
    package: str = ""       # whose version counts
    requirement: str = ""   # for pip
    mandatory: bool = False
    beside: tuple = ()      # further packages that have to be there
    holds: str = ""         # of one that is built from a folder that the user names: a file in it
    program: str = ""       # and what is built

    @property
    def variable(self):
        """Names the folder, in the environment and to CMake."""
        return "PIGRAD_" + self.name.upper()


PEERS = [
    Peer("libtorch", "LibTorch", "torch", "torch>=2.4,<3", mandatory=True),
    Peer("baselines", "Stable-Baselines3", "stable-baselines3", "stable-baselines3>=2.3,<3", mandatory=True),
    Peer("jax", "JAX", "jax", "jax[cpu]>=0.4.30", mandatory=True),
    Peer("pytorch", "PyTorch", "torch", "torch>=2.4,<3 gymnasium[mujoco]>=1.0,<2", beside=("gymnasium",)),
    Peer("envpool", "EnvPool", "envpool", "envpool>=0.8"),
    Peer("gymnasium", "Gymnasium", "gymnasium", "gymnasium>=1.0,<2"),
    Peer("onnx", "ONNX Runtime", "onnxruntime", "onnxruntime>=1.17"),
    Peer("rltools", "RLtools", holds="include/rl_tools/rl_tools.h", program="bench_worker_rltools"),
    Peer("pufferlib", "PufferLib", holds="pufferlib/ocean/cartpole/cartpole.h", program="bench_worker_puffer"),
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
    folders: dict = field(default_factory=dict)    # of those built from a folder, by name
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


def find_folder(peer, folder, present):
    """Takes a peer from the folder that --NAME or PIGRAD_NAME gives."""
    if not folder:
        present.missing[peer.name] = f"no folder of it is named: --{peer.name} FOLDER, or {peer.variable}"
        return
    folder = Path(folder).resolve()
    if not (folder / peer.holds).exists():
        raise Refusal("--" + peer.name, f"{folder} has no {peer.holds}", "name the folder of its sources that has")
    present.folders[peer.name] = folder
    present.versions[peer.name] = release(folder)


def release(folder):
    """What a folder of sources says of its release."""
    told = subprocess.run(["git", "-C", str(folder), "describe", "--always", "--tags"], capture_output=True, text=True)
    inside = subprocess.run(["git", "-C", str(folder), "rev-parse", "--show-toplevel"], capture_output=True, text=True)
    if told.returncode == 0 and inside.stdout.strip() == str(folder):
        return told.stdout.strip()
    for above in (folder, *folder.parents[:3]):
        if (above / "PKG-INFO").exists():
            for line in (above / "PKG-INFO").read_text().split("\n"):
                if line.startswith("Version:"):
                    return line.split(":", 1)[1].strip()
    return "of unknown release"


def prepare(asked, build, folders=None):
    """Finds the peers that were asked for, and installs those that are missing into build/peers, unless
    PIGRAD_BENCH_PYTHON names the interpreter to take as it is. `folders`: those that were named, by peer."""
    named = os.environ.get("PIGRAD_BENCH_PYTHON")
    if all(peer.holds for peer in asked):
        present = Present(named or sys.executable)
    else:
        present = Present(named or make_environment(Path(build) / "peers"))
    for peer in asked:
        if peer.holds:
            find_folder(peer, (folders or {}).get(peer.name), present)
            continue
        lacking, why = absent(present.python, peer), None
        if lacking and not named:
            why = install(present.python, peer, Path(build) / "peers.log")
            lacking = why or absent(present.python, peer)
        if lacking:
            present.missing[peer.name] = why or f"{lacking} is not in {present.python}"
        else:
            present.versions[peer.name] = version(present.python, peer.package)
    return present


def onnx_library(present):
    """The C library inside ONNX Runtime's Python package; a peer without it cannot be measured."""
    if "onnx" not in present.versions:
        return ""
    code = "import importlib.util as u; print(u.find_spec('onnxruntime').submodule_search_locations[0])"
    folder = subprocess.run([present.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    found = sorted(Path(folder).glob("capi/libonnxruntime.so*"))
    if not found:
        present.drop("onnx", f"{folder} has no capi/libonnxruntime.so")
    return str(found[0]) if found else ""


def torch_folder(present):
    """Where LibTorch's headers and libraries are, for CMAKE_PREFIX_PATH."""
    code = "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    return subprocess.run([present.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
