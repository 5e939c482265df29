"""Contenders in processes of their own, pinned to their cores, that measure a round when it is their turn."""
import json
import os
import subprocess
import tempfile
import time

# LibTorch's allocations: glibc keeps large blocks instead of giving them back at every free.
MALLOC = "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824"


class WorkerFailed(Exception):
    """With the last line that the process left."""


def surroundings(contender):
    """The environment variables of a contender's process: pigrad's as its launcher sets them where nothing else runs,
    others' as they come."""
    threads = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_")
    variables = {key: value for key, value in os.environ.items() if not key.startswith(threads)}
    variables["OMP_NUM_THREADS"] = str(contender.threads)
    variables["OPENBLAS_NUM_THREADS"] = str(contender.threads)
    variables |= contender.variables
    if contender.peer is None:
        variables["GOMP_SPINCOUNT"] = "5000"
    elif contender.peer in ("libtorch", "baselines"):
        variables["GLIBC_TUNABLES"] = MALLOC
    return variables


def pinned(contender, cores):
    return ["taskset", "-c", ",".join(str(core) for core in cores[:contender.threads]), *contender.command]


class Worker:
    """A process that stands by between its rounds."""

    def __init__(self, contender, cores):
        self.contender = contender
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(pinned(contender, cores), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=surroundings(contender))
        self.facts = self.answer("ready")
        self.memory = None

    def answer(self, key):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)[key]
        self.process.wait()
        raise WorkerFailed(last_line(self.errors))

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer("value")

    def close(self):
        """Ends it, and notes the most memory that it held, in MiB."""
        self.memory = most_memory(self.process.pid)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


def most_memory(pid):
    """By /proc, in MiB: what wait4() tells of a child has this process's own memory in it. None where there is none."""
    try:
        with open(f"/proc/{pid}/status") as file:
            held = [line.split()[1] for line in file if line.startswith("VmHWM")]
    except OSError:
        held = []
    return round(int(held[0]) / 1024, 1) if held else None


def last_line(file):
    file.seek(0)
    lines = file.read().strip().split("\n")
    return lines[-1] if lines[-1] else "it ended without a word"


def interleave(contenders, rounds, cores, lost):
    """Samples by contender and their facts. One that fails is left out, and `lost(contender, why)` is told."""
    workers, samples = {}, {}

    def leave_out(contender, why):
        workers.pop(contender.name, None)
        samples.pop(contender.name, None)
        lost(contender, why)

    for contender in contenders:
        try:
            workers[contender.name] = Worker(contender, cores)
            samples[contender.name] = []
        except WorkerFailed as failure:
            leave_out(contender, str(failure))
    try:
        for turn in range(rounds + 1):
            for name, worker in list(workers.items()):
                try:
                    value = worker.round()
                    # The first turn warms caches and compiles: it does not count.
                    if turn:
                        samples[name].append(value)
                except (WorkerFailed, BrokenPipeError) as failure:
                    leave_out(worker.contender, str(failure))
    finally:
        for worker in workers.values():
            worker.close()
    return samples, {name: {**worker.facts, "memory_mib": worker.memory} for name, worker in workers.items()}


def time_to_line(contender, seed, cores):
    """Starts the contender's program with a seed. Returns the seconds until its one line is there, and the line."""
    command = pinned(contender, cores) + ["--seed", str(seed)]
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=surroundings(contender)) as process:
        for line in process.stdout:
            if line.startswith("{"):
                seconds = time.perf_counter() - begin
                process.communicate()
                return seconds, json.loads(line)
        process.wait()
        raise WorkerFailed(last_line(errors))
