"""Bars and lines as SVG, readable on light and on dark."""
import html
import math

import figures as f

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 76, 66
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.small { font-size: 11px; fill: #57606a }
.grid { stroke: #d0d7de } .axis { stroke: #57606a } .whisker { stroke: #24292f; stroke-width: 1.5 }
.direct { fill: #8c959f; stroke: #8c959f } .relay { fill: #0969da; stroke: #0969da }
.torii { fill: #cf222e; stroke: #cf222e } .pion { fill: #1a7f37; stroke: #1a7f37 }
.torii-2, .torii-polling { fill: #8250df; stroke: #8250df } .torii-coalescing { fill: #bf8700; stroke: #bf8700 }
polyline { fill: none !important; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #30363d } .axis { stroke: #9198a1 }
.whisker { stroke: #e6edf3 }
.direct { fill: #9198a1; stroke: #9198a1 } .relay { fill: #4493f8; stroke: #4493f8 }
.torii { fill: #ff7b72; stroke: #ff7b72 } .pion { fill: #3fb950; stroke: #3fb950 }
.torii-2, .torii-polling { fill: #a371f7; stroke: #a371f7 } .torii-coalescing { fill: #d29922; stroke: #d29922 }
}
</style>"""


def bars(title, unit, groups, names, source):
    """`groups`: a name, and for each target its values by round. A bar is the median, the line over it the spread."""
    targets = list(dict.fromkeys(target for _, values in groups for target in values))
    top = nice(max((max(values.values()) for _, group in groups for values in group.values() if values), default=1))
    parts = frame(title, unit, [(value, f.shown(value)) for value in ticks(top)], linear(0, top), targets, names, source)
    place = linear(0, top)
    step = (WIDTH - LEFT - RIGHT) / len(groups)
    width = min(step / (len(targets) + 1), 80)
    for number, (name, group) in enumerate(groups):
        middle = LEFT + step * (number + 0.5)
        parts.append(text(middle, HEIGHT - BOTTOM + 20, name, "middle"))
        for index, target in enumerate(targets):
            values = group.get(target)
            x = middle + (index - len(targets) / 2) * width
            if values:
                parts += bar(x, width, values, target, place)
            else:
                parts.append(text(x + width / 2, HEIGHT - BOTTOM - 6, "–", "middle"))
    return document(parts)


def bar(x, width, values, target, place):
    middle, low, high = f.median(values), min(values.values()), max(values.values())
    y, inner = place(middle), width * 0.84
    centre = x + width / 2
    return [
        f'<rect class="{target}" x="{x + width * 0.08:.1f}" y="{y:.1f}" width="{inner:.1f}" '
        f'height="{HEIGHT - BOTTOM - y:.1f}"/>',
        f'<path class="whisker" d="M{centre:.1f} {place(low):.1f}V{place(high):.1f}"/>',
        text(centre, place(high) - 6, f.shown(middle), "middle"),
    ]


def lines(title, below, unit, series, names, source):
    """`series`: for each target points of a number and its values by round. The number is on a logarithmic axis, and so is
    what is measured."""
    numbers = sorted({number for points in series.values() for number, _ in points})
    values = [value for points in series.values() for _, of in points for value in of.values() if value > 0]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    place = logarithmic(low, high, HEIGHT - BOTTOM, TOP)
    across = logarithmic(min(numbers), max(numbers), LEFT + 20, WIDTH - RIGHT - 30)
    decades = round(math.log10(high / low))
    marks = [low * 10**decade * step for decade in range(decades) for step in (1, 2, 5)] + [high]
    parts = frame(title, unit, [(mark, f"{mark:,g}") for mark in marks], place, list(series), names, source)
    parts += [text(across(number), HEIGHT - BOTTOM + 20, f"{number:,}", "middle") for number in numbers]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 38, below, "middle"))
    for target, points in series.items():
        points = [(across(number), {key: max(value, low) for key, value in of.items()}) for number, of in points]
        way = " ".join(f"{x:.1f},{place(f.median(of)):.1f}" for x, of in points)
        parts.append(f'<polyline class="{target}" points="{way}"/>')
        for x, of in points:
            parts.append(f'<path class="whisker" d="M{x:.1f} {place(min(of.values())):.1f}V{place(max(of.values())):.1f}"/>')
            parts.append(f'<circle class="{target}" cx="{x:.1f}" cy="{place(f.median(of)):.1f}" r="4"/>')
            parts.append(text(x + 7, place(f.median(of)) - 7, f.shown(f.median(of)), "start", "small"))
    return document(parts)


def frame(title, unit, marks, place, targets, names, source):
    """Title, legend, the axis at the left and where it comes from."""
    parts = [text(LEFT, 24, title, "start", "title"), text(LEFT - 8, TOP - 12, unit, "end")]
    x = LEFT
    for target in targets:
        parts.append(f'<rect class="{target}" x="{x}" y="38" width="12" height="12"/>')
        parts.append(text(x + 18, 49, names[target], "start"))
        x += 40 + 7 * len(names[target])
    for value, name in marks:
        y = place(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(text(LEFT - 8, y + 4, name, "end"))
    parts.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    parts.append(text(LEFT, HEIGHT - 8, source, "start", "small"))
    return parts


def document(parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n{STYLE}\n'
            + "\n".join(parts) + "\n</svg>")


def text(x, y, words, anchor, kind=""):
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def linear(low, high):
    return lambda value: HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP)


def logarithmic(low, high, start, end):
    span = math.log(high / low) or 1
    return lambda value: start + math.log(value / low) / span * (end - start)


def nice(value):
    """The next of 1, 2, 5 and their tenfolds with room above."""
    value *= 1.1
    decade = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(decade * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if decade * step >= value)


def ticks(top):
    return [top * part / 4 for part in range(5)]
