"""What the gateway is to reach, each from one interleaved run."""
import dataclasses
import operator
import typing

import figures as f


@dataclasses.dataclass
class Goal:
    what: str
    bound: str
    values: typing.Callable
    is_met: typing.Callable


def most(bound):
    return lambda value: operator.le(value, bound)


def least(bound):
    return lambda value: operator.ge(value, bound)


def _cost_ratio(results, other):
    result = results.get("players-500")
    return f.ratio(f.of(result, "torii", f.message_cost), f.of(result, other, f.message_cost))


def _added(results, scenario, target, percentile):
    result = results.get(scenario)
    return f.beyond(f.of(result, target, f.trip(percentile)), f.of(result, "direct", f.trip(percentile)))


def _added_ratio(scenario, percentile):
    return lambda results: f.ratio(
        _added(results, scenario, "torii", percentile), _added(results, scenario, "relay", percentile))


def _of_torii(scenario, figure, **options):
    return lambda results: f.of(results.get(scenario), "torii", figure, **options)


def _bulk_ratio(scenario):
    return lambda results: f.ratio(
        f.of(results.get(scenario), "torii", f.throughput), f.of(results.get(scenario), "relay", f.throughput))


ALL = [
    Goal("processor time for a message, 500 players at 20 Hz, of the relay's", "at most 1.3",
         lambda results: _cost_ratio(results, "relay"), most(1.3)),
    Goal("the same, of Pion's", "at most 0.33", lambda results: _cost_ratio(results, "pion"), most(1 / 3)),
    Goal("what is added to the direct round trip's p50, 500 players, of what the relay adds", "at most 1.3",
         _added_ratio("players-500", "p50"), most(1.3)),
    Goal("the same for the p99", "at most 1.3", _added_ratio("players-500", "p99"), most(1.3)),
    Goal("the p50, 50 players", "at most 1.3", _added_ratio("players-50", "p50"), most(1.3)),
    Goal("the p99, 50 players", "at most 1.3", _added_ratio("players-50", "p99"), most(1.3)),
    Goal("resident MiB with 5,000 idle sessions", "at most 160",
         _of_torii("growth", f.resident, players=5000, window=0), most(160)),
    Goal("percent of a processor for them", "less than 10",
         _of_torii("growth", f.processor_share, players=5000, window=0), lambda value: value < 10),
    Goal("milliseconds until a channel is open from its answer on, p99, 10 ms and 1 % loss each way", "at most 250",
         _of_torii("joins-far", f.connect("p99")), most(250)),
    Goal("the same from the offer on", "at most 250", _of_torii("joins-far", f.join("p99")), most(250)),
    Goal("joins for a second of a processor", "at least 1,500", _of_torii("joins", f.joins_per_second), least(1500)),
    Goal("one session's bulk, of the relay's", "at least 0.8", _bulk_ratio("bulk"), least(0.8)),
    Goal("the same over 10 ms each way", "at least 0.8", _bulk_ratio("bulk-far"), least(0.8)),
]


def table(results):
    lines = ["| | goal | measured | |", "|---|---|---|---|"]
    for goal in ALL:
        values = goal.values(results)
        verdict = "not measured" if not values else "met" if goal.is_met(f.median(values)) else "**missed**"
        lines.append(f"| {goal.what} | {goal.bound} | {f.spread(values)} | {verdict} |")
    return lines
