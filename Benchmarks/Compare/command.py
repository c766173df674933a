"""Arguments, and the order in which things are done."""
import argparse
import datetime
import json
import pathlib
import subprocess

import machine
import page
import plots
import programs
import scenarios
import world

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEPT = ROOT / ".build" / "compare"


def main(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--torii", type=pathlib.Path)
    arguments = parser.parse_args()
    unknown = set(arguments.scenarios) - set(scenarios.ALL)
    if unknown:
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}; there are {', '.join(scenarios.ALL)}")
    KEPT.mkdir(parents=True, exist_ok=True)
    if not arguments.page:
        measure(arguments)
    results = {name: json.loads(file.read_text()) for name in scenarios.ALL if (file := KEPT / f"{name}.json").exists()}
    folder = ROOT / "Benchmarks" / "plots"
    folder.mkdir(exist_ok=True)
    for name, text in plots.draw(results).items():
        (folder / name).write_text(text)
    (ROOT / "Benchmarks" / "compare.md").write_text(page.write(results))
    return 0


def measure(arguments):
    built = programs.build(ROOT, arguments.torii)
    commit = head()
    with world.World(built) as place:
        for name in arguments.scenarios or scenarios.ALL:
            scenario = scenarios.ALL[name]
            result = {
                "date": datetime.date.today().isoformat(),
                "commit": commit,
                "machine": machine.describe(),
                "load": machine.load(),
                "runs": scenario.run(place, arguments.rounds or scenario.rounds),
            }
            result["load after"] = machine.load()
            (KEPT / f"{name}.json").write_text(json.dumps(result, indent=1))


def head():
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(
        ["git", "diff", "--quiet", "HEAD", "--", "Sources", "Signaling", "Benchmarks", ":!Benchmarks/*.md", ":!Benchmarks/plots"],
        cwd=ROOT, check=False)
    return commit + (" and changes" if changed.returncode else "")
