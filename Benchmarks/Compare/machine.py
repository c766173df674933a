"""What it was measured on."""
import os
import pathlib
import platform
import re


def describe():
    processor = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)
    return (f"{os.cpu_count()} processors ({processor.group(1) if processor else platform.machine()}), "
            f"{int(memory.group(1)) / 1048576:.0f} GiB, Linux {platform.release().split('-')[0]}")


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())
