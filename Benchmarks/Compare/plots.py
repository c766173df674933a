"""The plots of compare.md, as SVG."""
import figures as f
import svg
from page import NAMES, delivery_cost
import scenarios


def draw(results):
    """Texts by file name; only those there are figures for."""
    plots = {}
    if "players-500" in results:
        plots["players-500.svg"] = cost_plot(results)
        plots["trips.svg"] = trip_plot(results["players-500"])
    if "joins" in results:
        plots["joins.svg"] = bars(
            results["joins"], scenarios.GATEWAYS, "Joins for a second of a processor", "joins", f.joins_per_second)
    if "bulk" in results:
        plots["bulk.svg"] = bars(
            results["bulk"], scenarios.EVERYBODY, "One session's bulk", "MB/s, there and back", f.throughput)
    if "growth" in results:
        plots["growth-processor.svg"] = growth_plot(
            results["growth"], "Processor time per message", "µs", f.message_cost, -1)
        plots["growth-memory.svg"] = growth_plot(
            results["growth"], "Resident memory per idle session", "KiB", f.session_memory, 0)
    return {name: text + "\n" + stamp for name, (text, stamp) in plots.items()}


def source(result):
    """Where it comes from, as a comment at the file's end and a line in the picture."""
    return f"{result['date']}, commit {result['commit']}, {result['machine']}"


def finished(result, text):
    return text, f"<!-- {source(result)} -->\n"


def cost_plot(results):
    asked = [("players-50", "50 players, 30 Hz", f.message_cost), ("players-500", "500 players, 20 Hz", f.message_cost),
             ("broadcast", "500 who listen, 20 Hz", delivery_cost)]
    groups = [(title, {target: f.of(results[name], target, figure) for target in scenarios.ALL[name].targets
                       if target not in ("direct", "torii-polling")})
              for name, title, figure in asked if name in results]
    result = results["players-500"]
    return finished(result, svg.bars("Processor time per message", "µs", groups, NAMES, source(result)))


def trip_plot(result):
    groups = [(percentile, {target: f.of(result, target, f.trip(percentile)) for target in scenarios.AT_PLAY})
              for percentile in ("p50", "p95", "p99")]
    return finished(result, svg.bars("Round trip, 500 players at 20 Hz", "ms", groups, NAMES, source(result)))


def bars(result, targets, title, unit, figure):
    groups = [("", {target: f.of(result, target, figure) for target in targets})]
    return finished(result, svg.bars(title, unit, groups, NAMES, source(result)))


def growth_plot(result, title, unit, figure, window):
    lines = {}
    for target in scenarios.ALL["growth"].targets:
        points = [(players, f.of(result, target, figure, players, window)) for players in scenarios.GROWTH]
        lines[target] = [(players, values) for players, values in points if values]
    return finished(result, svg.lines(title, "sessions", unit, lines, NAMES, source(result)))
