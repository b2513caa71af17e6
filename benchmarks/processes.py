"""Programs that are measured, what they use, and their addresses."""

import json
import os
import resource
import signal
import socket
import subprocess

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Load:
    """The program `load`: one JSON line when it is ready, one for each round."""

    def __init__(self, program, *words, log):
        # Where tests/support finds naru-broker.
        environment = dict(os.environ, TEST_SRCDIR=f"{program}.runfiles", TEST_WORKSPACE="naru")
        self.log_file = log
        self.process = subprocess.Popen(
            [program, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=open(log, "ab"),
            text=True,
            env=environment,
        )
        self.ready = self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            with open(self.log_file, encoding="utf-8", errors="replace") as log:
                raise RuntimeError("the load ended; its log:\n" + log.read()[-4000:])
        return json.loads(line)

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def prepare(self, name):
        self.tell(f"prepare {name}")
        self._answer()

    def round(self, name, seconds):
        self.tell(f"round {name} {seconds}")
        return self._answer()

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def end_server(process):
    """Ends a server in order, or else at once."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stat(pid):
    """Parent and CPU seconds of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK


def tree(root):
    """CPU seconds by process, of a process and all below it."""
    parents = {}
    seconds = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := _stat(int(name))):
            parents[int(name)], seconds[int(name)] = found
    members = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in members} - members
        if not more:
            return {pid: seconds[pid] for pid in members if pid in seconds}
        members |= more


def waited_cpu():
    """CPU seconds of children that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def machine_cpu():
    """CPU seconds that all programs of the machine have used."""
    with open("/proc/stat", encoding="utf-8") as file:
        user, nice, system, _, _, irq, softirq, _ = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq) / TICK


def peak_memory(root):
    """Bytes that a process and those below it had at most, each at its own time; shared ones twice."""
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        except OSError:
            continue
    return total * 1024
