"""Stacks as a flame graph in SVG: width is time, and what calls stands under what is called."""
import html

WIDTH, ROW, TOP = 1200, 16, 44
# A part of the whole; what took less is left out.
LEAST = 0.002
STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #24292f } .title { font-size: 16px; font-weight: 600 }
rect { stroke: #ffffff; stroke-width: 0.5 }
.own { fill: #ffb3a7 } .library { fill: #b6d9ff } .kernel { fill: #d0d7de }
@media (prefers-color-scheme: dark) {
.title, .below { fill: #e6edf3 } rect { stroke: #0d1117 }
}
</style>"""


class Node:
    def __init__(self):
        self.count = 0
        self.children = {}


def drawn(stacks, title, below):
    """`stacks`: how often each was seen, the outermost function first, each with its kind."""
    root = Node()
    for stack, count in stacks.items():
        node = root
        node.count += count
        for frame in stack:
            node = node.children.setdefault(frame, Node())
            node.count += count
    depth = deepest(root, root.count)
    height = TOP + depth * ROW + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">', STYLE,
        f'<text class="title" x="8" y="20">{html.escape(title)}</text>',
        f'<text class="below" x="8" y="36">{html.escape(below)}; red is our own code, blue libraries, grey the kernel</text>',
    ]
    rows(root, 0, height - 10, root.count, parts)
    return "\n".join(parts + ["</svg>", ""])


def seen(node, total):
    return [(frame, child) for frame, child in sorted(node.children.items()) if child.count >= LEAST * total]


def deepest(node, total):
    return max((1 + deepest(child, total) for _, child in seen(node, total)), default=0)


def rows(node, start, floor, total, parts):
    for (name, kind), child in seen(node, total):
        x, width, y = start * WIDTH / total, child.count * WIDTH / total, floor - ROW
        room = int(width / 6)
        shown = name if len(name) <= room else name[:max(room - 1, 0)] + "…"
        parts.append(
            f'<g><title>{html.escape(name)}: {100 * child.count / total:.1f} %</title>'
            f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}"/>'
            + (f'<text x="{x + 3:.1f}" y="{y + 11}">{html.escape(shown)}</text>' if room > 3 else "") + "</g>")
        rows(child, start, y, total, parts)
        start += child.count
