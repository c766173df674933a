"""compare.md."""
import figures as f
import goals
import scenarios

NAMES = {"direct": "direct, no gateway", "relay": "bare relay", "torii": "Torii", "torii-2": "Torii, two workers",
         "torii-polling": "busy-poll", "torii-coalescing": "coalesce", "pion": "Pion"}

HEAD = """# The gateway beside others

Written by `Benchmarks/compare`, which says how to run it. The same game server and the same players for all: straight to the server
("direct"); through a bare UDP relay, the least that any gateway does; through Torii; and through a gateway on Pion 3.1 as Debian
has it (`Compare/Pion`), one process each, on one machine without any other traffic. Targets take turns in each round. A figure is
the median of the rounds, and in brackets the least and the most; a ratio is taken in each round by itself.

* Players are `Compare/Crowd`, one thread: libenet for native ones, and for web ones the gateway's own protocol floors, with all
  that browsers send. They leave at even distances over a second. Where that program was the bottleneck, it is said below.
* A message is counted each time it passes: there, and back. Processor time is that of the process under test alone, user and kernel.
* Round trips are from the player to the server, which sends back at once, and from there to the player. The players' own work,
  which is more for web ones, is in them: SCTP and DTLS, and the system call that sends, in which the other side is woken. The way is
  the rest: from that call's return until the player has woken up for the answer.
* "busy-poll" and "coalesce" are Torii with `--busy-poll 1000` and with `--coalesce 500`
  ([capacity](../Deploy/capacity.md#latency-or-processor-time)): the one is for latency and the other for processor time, never both.
"""


def write(results):
    lines = [HEAD, "## Goals", "", *goals.table(results), "", "Goals are for a median.", ""]
    for name, section in SECTIONS.items():
        if name in results:
            lines += section(results[name], scenarios.ALL[name])
    return "\n".join(lines).rstrip() + "\n"


def heading(title, result):
    return [f"## {title}", "", f"{result['date']}, commit {result['commit']}; {result['machine']}; load "
            f"{result['load']} before and {result['load after']} after.", ""]


def table(result, scenario, columns):
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for target in scenario.targets:
        cells = []
        for figure in columns.values():
            # Nobody stands between direct players and their server.
            is_nobodys = target == "direct" and figure in (f.message_cost, f.processor_share, delivery_cost)
            cells.append("" if is_nobodys else f.spread(f.of(result, target, figure)))
        lines.append(f"| {NAMES[target]} | " + " | ".join(cells) + " |")
    return lines + [""]


def ratios(result, pairs):
    lines = ["| | |", "|---|---|"]
    lines += [f"| {what} | {f.spread(values)} |" for what, values in pairs if values]
    return lines + [""] if len(lines) > 2 else []


def remarks(result, scenario):
    lines = []
    for target in scenario.targets:
        for players in sorted({run["players"] for run in result["runs"]}):
            runs = [run for run in result["runs"] if run["target"] == target and run["players"] == players]
            name = NAMES[target] + (f", {players:,} players" if len(scenario.plans) > 1 else "")
            windows = [window for run in runs for window in run.get("windows", [])]
            said = [window["bottleneck"] for window in windows if "bottleneck" in window]
            if said:
                lines.append(f"* {name}, {len(said)} of {len(windows)} windows: {said[0]}")
            ended = sum(window["ended"] + window["failures"] for window in windows)
            if ended:
                lines.append(f"* {name}: {ended} players were lost.")
            lines += [f"* {name}, a run without figures: {sentence}" for sentence in f.failures(result, target, players)]
    return lines + [""] if lines else []


def delivery_cost(window):
    return 1e6 * window["processor"] / window["arrived"] if window["arrived"] else None


def played(title, *pictures):
    def section(result, scenario):
        columns = {
            "µs per message": f.message_cost, "% of a processor": f.processor_share,
            "resident MiB": lambda window: f.resident(window) or None, "p50 ms": f.trip("p50"), "p95 ms": f.trip("p95"),
            "p99 ms": f.trip("p99"), "way, p50 ms": f.way("p50"), "p95 ms ": f.way("p95"), "p99 ms ": f.way("p99"),
            "arrived %": f.arrived, "generator, % of a processor": f.generator_share, "sent late, p95 ms": f.lateness,
        }
        cost = {target: f.of(result, target, f.message_cost) for target in scenario.targets}
        lines = heading(title, result) + [line for name in pictures for line in (f"![{title}](plots/{name})", "")]
        lines += table(result, scenario, columns)
        lines += ratios(result, [
            ("Torii's processor time for a message, of the relay's", f.ratio(cost["torii"], cost["relay"])),
            ("Torii's, of Pion's", f.ratio(cost["torii"], cost["pion"])),
            ("that of Torii with coalesce, of the relay's", f.ratio(f.of(result, "torii-coalescing", f.message_cost), cost["relay"])),
            ("the same, of Pion's", f.ratio(f.of(result, "torii-coalescing", f.message_cost), cost["pion"])),
            *added(result)])
        return lines + remarks(result, scenario)
    return section


def added(result):
    pairs = []
    for what, figure in (("round trip", f.trip), ("way", f.way)):
        for percentile in ("p50", "p99"):
            pairs += [(f"milliseconds that {name} adds to the {percentile} of the direct {what}",
                       goals.added(result, target, figure(percentile)))
                      for target, name in (("relay", "the relay"), ("torii", "Torii"), ("pion", "Pion"))]
            pairs += [(f"the {percentile} that {name} adds to the {what}, of what the relay adds",
                       goals.added_ratio(figure(percentile), target)(result))
                      for target, name in (("torii", "Torii"), ("torii-polling", "Torii with busy-poll"))]
    return pairs


def broadcast(result, scenario):
    columns = {"µs per message": delivery_cost, "% of a processor": f.processor_share, "p50 ms": f.trip("p50"),
               "p95 ms": f.trip("p95"), "p99 ms": f.trip("p99"), "messages": lambda window: window["arrived"],
               "generator, % of a processor": f.generator_share}
    cost = {target: f.of(result, target, delivery_cost) for target in scenario.targets}
    lines = heading("State for everybody: 500 players get 20 messages of 100 bytes a second", result)
    lines += ["The server sends to all at once; players say nothing. Times are from the server's sending to the player.", ""]
    lines += table(result, scenario, columns)
    lines += ratios(result, [
        ("Torii's processor time for a message, of the relay's", f.ratio(cost["torii"], cost["relay"])),
        ("Torii's, of Pion's", f.ratio(cost["torii"], cost["pion"]))])
    return lines + remarks(result, scenario)


def joins(result, scenario):
    columns = {"joins for a second of a processor": f.joins_per_second, "joins": lambda window: window["joins"],
               "% of a processor": f.processor_share, "generator, % of a processor": f.generator_share}
    lines = heading("Joins", result)
    lines += ["![Joins for a second of a processor](plots/joins.svg)", "",
              "32 players at a time come, hear one message from the server, and go: HTTP, ICE, a whole DTLS handshake with both "
              "sides' certificates, SCTP, a channel, ENet's connection, and the end of it all.", ""]
    return lines + table(result, scenario, columns) + remarks(result, scenario)


def joins_far(title, remark):
    def section(result, scenario):
        columns = {"from the answer on, p50 ms": f.connect("p50"), "p95 ms": f.connect("p95"), "p99 ms": f.connect("p99"),
                   "from the offer on, p50": f.join("p50"), "p95": f.join("p95"), "p99": f.join("p99"),
                   "joins": lambda window: window["joins"]}
        return heading(title, result) + [remark, ""] + table(result, scenario, columns) + remarks(result, scenario)
    return section


def bulk(title, plot=""):
    def section(result, scenario):
        columns = {"MB/s": f.throughput, "% of a processor": f.processor_share,
                   "generator, % of a processor": f.generator_share}
        rate = {target: f.of(result, target, f.throughput) for target in scenario.targets}
        lines = heading(title, result) + ([f"![{title}](plots/{plot})", ""] if plot else [])
        lines += ["One player sends reliable messages of 16 KiB, of which 512 KiB may be on their way, and gets them back.", ""]
        lines += table(result, scenario, columns)
        lines += ratios(result, [("Torii's, of the relay's", f.ratio(rate["torii"], rate["relay"])),
                                 ("Torii's, of Pion's", f.ratio(rate["torii"], rate["pion"]))])
        return lines + remarks(result, scenario)
    return section


def growth(result, scenario):
    lines = heading("Growth", result)
    lines += ["![Processor time per message](plots/growth-processor.svg)", "",
              "![Memory per session](plots/growth-memory.svg)", "",
              f"First nobody says anything, then all together send {scenarios.GROWTH_RATE:,} messages of 100 bytes a second, "
              f"however many there are. A server has {scenarios.GROWTH_PLAYERS_OF_SERVER} players at most, so that there are several. Memory is "
              "resident memory, beside what the process had before anybody came. A worker is a gateway, a process of its own with "
              "ports of its own: two of them share the players evenly, as behind a load balancer.", ""]
    idle = {"KiB per session": (f.session_memory, 0), "MiB in all": (f.resident, 0),
            "% of a processor": (f.processor_share, 0)}
    busy = {"µs per message": (f.message_cost, -1), "without what idling takes": (f.message_cost_beyond_idling, None),
            "p50 ms": (f.trip("p50"), -1), "p99 ms": (f.trip("p99"), -1), "arrived %": (f.arrived, -1),
            "generator, % of a processor": (f.generator_share, -1)}
    for title, columns in (("idle sessions", idle), ("sessions that play", busy)):
        lines += [f"| {title} | | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
        for plan in scenario.plans:
            for target in scenario.targets:
                cells = [f.spread(f.of(result, target, figure, plan.players, window)) for figure, window in columns.values()]
                lines.append(f"| {plan.players:,} | {NAMES[target]} | " + " | ".join(cells) + " |")
        lines.append("")
    lines += [
        "What bends: with many sessions each message finds its session's memory cold, and those who rest cost checks, pings and usrsctp's "
        "timers, which is why the second column is there. A second worker costs what a second process does: it sleeps and wakes by "
        "itself, so that each turn has fewer messages, and has 34 MiB before anybody comes. It is worth that where one processor is not enough.", ""]
    return lines + remarks(result, scenario)


SECTIONS = {
    "players-50": played("50 players, 30 messages of 100 bytes a second each way"),
    "players-500": played("500 players, 20 messages of 100 bytes a second each way", "players-500.svg",
                          "trips.svg"),
    "broadcast": broadcast,
    "joins": joins,
    "joins-far": joins_far(
        "Joins over 10 ms and 1 % loss each way",
        "Until the other side has acknowledged the channel, as Firefox awaits; Chromium's is open when it has asked. HTTP goes the same "
        "way, on connections that are kept. Eight at a time. Of a hundred players, one loses what asks for the channel: its browser "
        "sends that again after its own time, here 250 ms."),
    "joins-far-negotiated": joins_far(
        "The same with channels that both sides know of beforehand",
        "Godot's are such. They are open when the association is up, which is when Chromium calls any channel open, and whatever sets "
        "that up the gateway says again by itself."),
    "bulk": bulk("One session's bulk", "bulk.svg"),
    "bulk-far": bulk("One session's bulk over 10 ms each way"),
    "growth": growth,
}
