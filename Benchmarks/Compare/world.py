"""Network namespaces, the game server, what stands before it, and players."""
import json
import os
import resource
import shutil
import subprocess
import time

# Players' end of the way, and the servers' (Load/Link).
NEAR, FAR = "10.66.0.1", "10.66.0.2"
SERVER_PORT, GATEWAY_PORT = 7777, 8080
# Seconds until a program is ready, and for a whole run of the players'.
START, RUN = 20, 300
# Gateways that share the players where there is more than one, each at ports of its own, of which it has several.
WORKERS = {"torii-2": 2}
# What the gateway does between two turns, where it does not just sleep.
RESTS = {"torii-polling": ["--busy-poll", 1000], "torii-coalescing": ["--coalesce", 500]}
PORTS_OF_GATEWAY = 10


class World:
    def __init__(self, programs):
        self.programs = programs
        self.near, self.far = (f"torii-{os.getpid()}-{end}" for end in ("players", "servers"))
        self.running = []

    def __enter__(self):
        if os.geteuid() != 0:
            raise SystemExit("Network namespaces need root.")
        # One descriptor for each player, in gateways more; whoever is started inherits this.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        for space in (self.near, self.far):
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        self.end_all()
        for space in (self.near, self.far):
            ip("netns", "delete", space)
        shutil.rmtree(self.programs)

    def run(self, target, plan):
        """One run of a scenario: what the players' program printed, a line for each window; or why there is nothing."""
        address = FAR if plan.link else "127.0.0.1"
        try:
            if plan.link:
                self.lay_way(plan.link)
            self.start(["BenchmarkServer", address, SERVER_PORT, plan.peers, f"hosts={plan.hosts}", *plan.server])
            workers = WORKERS.get(target, 1)
            processes = [self.start_target(target, plan, address, GATEWAY_PORT + PORTS_OF_GATEWAY * worker) for worker in range(workers)]
            return {"windows": self.play(target, plan, address, [process for process in processes if process])}
        except Failed as error:
            return {"failed": str(error)}
        finally:
            self.end_all()

    def lay_way(self, link):
        """`link` is the delay in milliseconds each way and how many of a thousand packets are lost."""
        self.start(["BenchmarkLink", self.near, self.far, *link, 1], space=None)
        for space, address in ((self.near, NEAR), (self.far, FAR)):
            ip("-n", space, "address", "add", f"{address}/24", "dev", "way0")
            ip("-n", space, "link", "set", "way0", "txqueuelen", "10000", "up")

    def start_target(self, target, plan, address, port):
        own, servers = f"{address}:{port}", [address, SERVER_PORT, plan.hosts]
        if target == "relay":
            return self.start(["BenchmarkRelay", address, port, *servers, plan.players])
        if target == "pion":
            return self.start(["pion", own, own, *servers])
        if target in ("torii", *WORKERS, *RESTS):
            ports = ",".join(f"{address}:{SERVER_PORT + host}" for host in range(plan.hosts))
            options = "profile=channels&channels=2&balance=round-robin&slow-start=0&eject-after=0"
            return self.start(
                ["torii", "serve", "--http", own, "--udp", own, "--route", f"world=enet://{ports}?{options}",
                 "--max-joins-per-address", 0, "--max-sessions", plan.players + 500, *RESTS.get(target, [])], sign="listening")
        return None

    def play(self, target, plan, address, processes):
        urls = [f"http://{address}:{GATEWAY_PORT + PORTS_OF_GATEWAY * worker}/join/world" for worker in range(len(processes))]
        where = {"direct": ["--server", f"{address}:{SERVER_PORT}", "--servers", plan.hosts],
                 "relay": ["--server", f"{address}:{GATEWAY_PORT}"]}.get(
                     target, [word for url in urls for word in ("--join", url)])
        command = ["BenchmarkCrowd", *plan.crowd, *where, "--players", plan.players]
        command += [word for process in processes for word in ("--process", process.pid)]
        try:
            done = subprocess.run(
                self.command(command, self.near if plan.link else self.far), capture_output=True, text=True,
                timeout=RUN, check=False)
        except subprocess.TimeoutExpired as error:
            raise Failed("It took too long.") from error
        if done.returncode != 0 or any(process.poll() is not None for process in processes):
            raise Failed(done.stderr.strip() or "The process under test ended.")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def start(self, command, sign="READY", space=""):
        """A program that lives until the run ends; its standard input, too."""
        log = self.programs / f"{command[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self.command(command, self.far if space == "" else space), stdin=subprocess.PIPE, stdout=output,
                stderr=subprocess.STDOUT)
        self.running.append(process)
        end = time.monotonic() + START
        while sign not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > end:
                raise Failed(f"{command[0]} did not start: {log.read_text(errors='replace')}")
            time.sleep(0.02)
        return process

    def command(self, command, space):
        inside = ["ip", "netns", "exec", space] if space else []
        return inside + [str(self.programs / command[0]), *map(str, command[1:])]

    def end_all(self):
        for process in reversed(self.running):
            process.kill()
        for process in self.running:
            process.stdin.close()
            process.wait()
        self.running.clear()


class Failed(Exception):
    """A run that gave no figures."""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)
