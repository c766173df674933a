"""What the gateway is to reach, each from one interleaved run."""
import dataclasses
import operator
import typing

import figures as f


@dataclasses.dataclass
class Goal:
    what: str
    bound: str
    scenario: str
    values: typing.Callable
    is_met: typing.Callable


def most(bound):
    return lambda value: operator.le(value, bound)


def least(bound):
    return lambda value: operator.ge(value, bound)


def _ratio(figure, other, target="torii"):
    return lambda result: f.ratio(f.of(result, target, figure), f.of(result, other, figure))


def added(result, target, figure):
    """What a target adds to the direct one."""
    return f.beyond(f.of(result, target, figure), f.of(result, "direct", figure))


def added_ratio(figure, target="torii"):
    return lambda result: f.ratio(added(result, target, figure), added(result, "relay", figure))


def _of_torii(figure, **options):
    return lambda result: f.of(result, "torii", figure, **options)


_IDLE = {"players": 5000, "window": 0}

ALL = [
    Goal("processor time for a message, 500 players at 20 Hz, of the relay's", "at most 1.3", "players-500",
         _ratio(f.message_cost, "relay"), most(1.3)),
    Goal("the same, of Pion's", "at most 0.33", "players-500", _ratio(f.message_cost, "pion"), most(1 / 3)),
    Goal("with `--coalesce 500`: of the relay's", "at most 1.3", "players-500",
         _ratio(f.message_cost, "relay", "torii-coalescing"), most(1.3)),
    Goal("with `--coalesce 500`: of Pion's", "at most 0.33", "players-500",
         _ratio(f.message_cost, "pion", "torii-coalescing"), most(1 / 3)),
    *(Goal(f"what is added to the {percentile} of the direct {what}, {players}, of what the relay adds{setting}", "at most 1.3",
           scenario, added_ratio(figure(percentile), target), most(1.3))
      for scenario, players in (("players-500", "500 players at 20 Hz"), ("players-50", "50 players at 30 Hz"))
      for target, setting in (("torii", ""), ("torii-polling", ", with `--busy-poll 1000`"))
      for what, figure in (("way", f.way), ("round trip", f.trip)) for percentile in ("p50", "p99")),
    Goal("resident MiB with 5,000 idle sessions", "at most 160", "growth", _of_torii(f.resident, **_IDLE), most(160)),
    Goal("percent of a processor for them", "less than 10", "growth", _of_torii(f.processor_share, **_IDLE),
         lambda value: value < 10),
    Goal("milliseconds until a channel is open from its answer on, p99, 10 ms and 1 % loss each way", "at most 250",
         "joins-far", _of_torii(f.connect("p99")), most(250)),
    Goal("the same with channels that both sides know of beforehand, as Godot's are; Chromium has others open then, too", "at most 250",
         "joins-far-negotiated", _of_torii(f.connect("p99")), most(250)),
    Goal("the former from the offer on", "at most 250", "joins-far", _of_torii(f.join("p99")), most(250)),
    Goal("joins for a second of a processor", "at least 1,500", "joins", _of_torii(f.joins_per_second), least(1500)),
    Goal("one session's bulk, of the relay's", "at least 0.8", "bulk", _ratio(f.throughput, "relay"), least(0.8)),
    Goal("the same over 10 ms each way", "at least 0.8", "bulk-far", _ratio(f.throughput, "relay"), least(0.8)),
]


def table(results):
    lines = ["| | goal | measured | |", "|---|---|---|---|"]
    for goal in ALL:
        result = results.get(goal.scenario)
        values = goal.values(result)
        unknown = "cannot be told" if result else "not measured"
        verdict = unknown if not values else "met" if goal.is_met(f.median(values)) else "**missed**"
        if values:
            disturbed, windows = f.disturbed(result, ["direct", "relay", "torii"])
            verdict += f"; players late in {disturbed} of {windows} windows" if disturbed else ""
        lines.append(f"| {goal.what} | {goal.bound} | {f.spread(values)} | {verdict} |")
    return lines
