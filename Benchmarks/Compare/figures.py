"""From runs to figures: medians, spreads and ratios."""
import statistics


def message_cost(window):
    """Microseconds of the process under test for each message it passed on, of either direction."""
    messages = window["sent"] + window["arrived"]
    return 1e6 * window["processor"] / messages if messages else None


def trip(percentile):
    return lambda window: (window.get("trip") or {}).get(percentile)


def way(percentile):
    return lambda window: (window.get("way") or {}).get(percentile)


def join(percentile):
    return lambda window: (window.get("join") or {}).get(percentile)


def connect(percentile):
    return lambda window: (window.get("connect") or {}).get(percentile)


def arrived(window):
    return 100 * window["arrived"] / window["sent"] if window["sent"] else None


def processor_share(window):
    return 100 * window["processor"] / window["seconds"]


def generator_share(window):
    return 100 * window["generator"] / window["seconds"]


def lateness(window):
    return (window.get("lateness") or {}).get("p95")


def joins_per_second(window):
    """For each second of a processor."""
    return window["joins"] / window["processor"] if window["processor"] else None


def message_cost_beyond_idling(windows):
    """As `message_cost`, of the last window, without what its sessions cost while nobody said anything, in the first."""
    idle, busy = windows[0], windows[-1]
    upkeep = idle["processor"] / idle["seconds"] * busy["seconds"]
    messages = busy["sent"] + busy["arrived"]
    return 1e6 * (busy["processor"] - upkeep) / messages if messages else None


def throughput(window):
    """Megabytes a second, each of which went both ways."""
    return window["bytes"] / window["seconds"] / 1e6


def resident(window):
    """MiB."""
    return window["resident"] / 1048576


def session_memory(window):
    """KiB for each session, beside what the process had before."""
    return (window["resident"] - window["residentBefore"]) / 1024 / window["players"]


def of(result, target, figure, players=None, window=-1):
    """The figure of that window in each round, by the round's number; of all windows of a run where `window` is None."""
    values = {}
    for run in (result or {"runs": []})["runs"]:
        if run["target"] == target and "windows" in run and players in (None, run["players"]):
            value = figure(run["windows"] if window is None else run["windows"][window])
            if value is not None:
                values[run["round"]] = value
    return values


def disturbed(result, targets):
    """In how many windows of how many the players' program was late or the bottleneck itself."""
    windows = [window for run in result["runs"] if run["target"] in targets for window in run.get("windows", [])]
    return sum("bottleneck" in window for window in windows), len(windows)


def failures(result, target, players=None):
    return [run["failed"] for run in result["runs"]
            if run["target"] == target and "failed" in run and players in (None, run["players"])]


def ratio(ones, others):
    """Round by round; none where there is nothing to compare with, such as a relay that added less than the noise."""
    return {number: value / others[number] for number, value in ones.items() if others.get(number, 0) > 0}


def beyond(ones, others):
    """What comes on top, round by round."""
    return {number: value - others[number] for number, value in ones.items() if number in others}


def median(values):
    return statistics.median(values.values()) if values else None


def shown(value):
    if value is None:
        return "–"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0
    return f"{value:,.{digits}f}"


def spread(values):
    """The median, and both ends where there are several."""
    if not values:
        return "–"
    text = shown(median(values))
    if len(values) > 1:
        text += f" ({shown(min(values.values()))}–{shown(max(values.values()))})"
    return text
