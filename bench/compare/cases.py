"""What a work is made of: cases, the contenders that run in them by a command each, and the ratios to report."""
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEER_FILES = ROOT / "bench" / "peers"


@dataclass
class Contender:
    name: str           # in tables and JSON
    peer: str | None    # None: pigrad itself
    command: list
    threads: int = 1
    needed: bool = True  # False: left out where pigrad was built without what it takes
    variables: dict = field(default_factory=dict)  # of its environment


@dataclass
class Case:
    title: str
    unit: str
    contenders: list
    ratios: list                     # (ours, theirs, at least so many times faster, or None)
    less_is_better: bool = False
    settings: dict = field(default_factory=dict)


@dataclass
class Work:
    name: str
    words: str
    cases: object       # Setting -> [Case]
    kind: str = "race"  # or "update": one process, "solve": a process a seed
    check: object = None  # Setting -> (peer, command): ends well if the peer computes the same
    rounds: int = 100     # at most


@dataclass
class Setting:
    """What the cases are made for."""
    programs: Path      # folder of the built benchmarks
    python: str
    scale: float = 1.0  # of how much a round does
    full: bool = False  # whole runs of the five systems
    onnx: str = ""      # ONNX Runtime's C library

    def count(self, number):
        return max(1, round(number * self.scale))

    def program(self, name, work, threads=1, title=None, peer=None, needed=True, **options):
        """bench_NAME WORK, a worker."""
        command = [str(self.programs / ("bench_" + name)), work, *words(threads=threads, **options)]
        return Contender(title or "pigrad", peer, command, threads, needed)

    def pigrad(self, work, threads=1, name=None, **options):
        return self.program("worker_pigrad", work, threads, name, **options)

    def libtorch(self, work, threads=1, name="LibTorch", **options):
        return self.program("worker_libtorch", work, threads, name, "libtorch", **options)

    def script(self, file, peer, name, work, threads=1, **options):
        command = [self.python, str(PEER_FILES / file), work, *words(threads=threads, **options)]
        return Contender(name, peer, command, threads)


def words(**options):
    return [word for key, value in options.items() for word in ("--" + key, str(value))]
