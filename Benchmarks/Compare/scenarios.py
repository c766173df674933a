"""What is measured."""
import dataclasses
import sys

EVERYBODY = ["direct", "relay", "torii", "pion"]
GATEWAYS = ["torii", "pion"]
AT_PLAY = ["direct", "relay", "torii", "torii-polling", "torii-coalescing", "pion"]


@dataclasses.dataclass
class Plan:
    """One run: of which players, doing what."""
    crowd: list
    players: int
    server: list = dataclasses.field(default_factory=list)
    # Milliseconds each way, and lost packets of a thousand; loopback where there is none.
    link: tuple = None
    # Players on one game server; with more there are more servers.
    players_of_server: int = 500
    # Places of a server. libenet walks them all again and again, so that they are not many more than there are players; those who
    # have left hold theirs for a moment.
    peers: int = 550

    @property
    def hosts(self):
        return -(-self.players // self.players_of_server)


@dataclasses.dataclass
class Scenario:
    title: str
    plans: list
    targets: list
    rounds: int

    def run(self, world, rounds):
        """A list of runs: round, target, players, and what came of it."""
        runs = []
        for number in range(rounds):
            for plan in self.plans:
                # Each in each place of the order, as far as there are rounds for it.
                turn = number % len(self.targets)
                for target in self.targets[turn:] + self.targets[:turn]:
                    outcome = world.run(target, plan)
                    runs.append({"round": number, "target": target, "players": plan.players, **outcome})
                    print(f"{self.title}, round {number + 1}, {target}, {plan.players} players: {summary(outcome)}",
                          file=sys.stderr)
        return runs


def summary(outcome):
    if "failed" in outcome:
        return outcome["failed"]
    return "; ".join(
        f"{window['processor']:.2f} s of {window['seconds']:.1f}, generator {window['generator']:.2f}, "
        f"{window['arrived']} messages back, {window['joins']} joins" for window in outcome["windows"])


def play(rate, seconds):
    return ["play", "--rate", rate, "--seconds", seconds]


# Messages of all players together in a second, and how many players there are.
GROWTH_RATE = 4000
# So few that the servers' own cost does not grow with how many players there are.
GROWTH_PLAYERS_OF_SERVER = 250
GROWTH = [10, 100, 1000, 5000]

ALL = {
    "players-50": Scenario("50 players, 30 Hz", [Plan(play(30, 6), 50)], AT_PLAY, 3),
    "players-500": Scenario("500 players, 20 Hz", [Plan(play(20, 6), 500)], AT_PLAY, 4),
    "broadcast": Scenario(
        "20 Hz of state to 500 players", [Plan(["listen", "--seconds", 6], 500, server=["state=20"])], EVERYBODY, 3),
    "joins": Scenario("joins", [Plan(["joins", "--seconds", 6], 32, peers=1000)], GATEWAYS, 4),
    "joins-far": Scenario(
        "joins over 10 ms and 1 % loss each way", [Plan(["joins", "--seconds", 16], 8, link=(10, 10))], GATEWAYS, 3),
    "joins-far-negotiated": Scenario(
        "joins over 10 ms and 1 % loss each way, with Godot's channels",
        [Plan(["joins", "--negotiated", "--seconds", 16], 8, link=(10, 10))], ["torii"], 3),
    "bulk": Scenario("bulk", [Plan(["bulk", "--seconds", 4], 1)], EVERYBODY, 3),
    "bulk-far": Scenario(
        "bulk over 10 ms each way", [Plan(["bulk", "--seconds", 5], 1, link=(10, 0))], EVERYBODY, 3),
    "growth": Scenario(
        "growth",
        [Plan(["idle", *play(GROWTH_RATE / players, 4), "--joining", 32], players,
              players_of_server=GROWTH_PLAYERS_OF_SERVER, peers=GROWTH_PLAYERS_OF_SERVER + 50) for players in GROWTH],
        ["relay", "torii", "torii-2", "pion"], 2),
}
