"""Builds all programs and puts them into a folder, so that a build meanwhile disturbs nothing."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PRODUCTS = ["torii", "BenchmarkCrowd", "BenchmarkRelay", "BenchmarkServer", "BenchmarkLink"]
DEBIAN_GO = "/usr/share/gocode"


def build(root, torii):
    """A folder with all programs; `torii` is another build of the gateway."""
    subprocess.run([root / "Tests" / "Setup" / "install-packages", "compare"], check=True, stdout=sys.stderr)
    folder = pathlib.Path(tempfile.mkdtemp())
    swift = ["swift", "build", "-c", "release"]
    for product in PRODUCTS:
        if product != "torii" or not torii:
            subprocess.run(swift + ["--product", product], cwd=root, check=True, stdout=sys.stderr)
    built = subprocess.run(swift + ["--show-bin-path"], cwd=root, check=True, capture_output=True, text=True)
    for product in PRODUCTS:
        shutil.copy(torii if product == "torii" and torii else pathlib.Path(built.stdout.strip()) / product,
                    folder / product)
    build_pion(root / "Benchmarks" / "Compare" / "Pion", folder)
    return folder


def build_pion(source, folder):
    """Without modules Go takes Debian's packages; a path with a version in it only from a folder with a go.mod."""
    copy = folder / "go" / "src" / "pion"
    shutil.copytree(source, copy)
    (copy / "go.mod").write_text("module pion\n")
    go = {**os.environ, "GO111MODULE": "off", "GOPATH": f"{folder / 'go'}:{DEBIAN_GO}"}
    subprocess.run(["go", "build", "-o", folder / "pion", "."], cwd=copy, env=go, check=True, stdout=sys.stderr)
