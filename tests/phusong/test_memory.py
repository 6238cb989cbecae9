"""What is dropped goes back to the system, also below what stays."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import sys
import numpy as np
from phusong import memory

def resident_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

if sys.argv[1] == "yes":
    memory.hand_back()
del_me = np.ones(30 * 2**17)  # 30 MiB: glibc then takes smaller arrays from its heap
del del_me
start = resident_mib()
rasters = [np.ones(20 * 2**17) for _ in range(20)]  # 20 MiB each
held = resident_mib() - start
last = rasters.pop()
rasters.clear()
print(held, resident_mib() - start)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is dropped")
def test_only_what_is_held_stays():
    held, left = {}, {}
    for wanted in ("yes", "no"):
        command = [sys.executable, "-c", PROGRAM, wanted]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        held[wanted], left[wanted] = map(float, told.split())
    assert held["yes"] > 390.0
    assert left["yes"] < 30.0  # the last of 20 MiB
    assert left["no"] > 100.0  # what this is for


REUSE = """
import resource
import numpy as np
from phusong import memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

memory.hand_back()
np.ones(2**20) + 1.0  # 8 MiB each
start = faults()
for _ in range(50):
    np.ones(2**20) + 1.0
print((faults() - start) * resource.getpagesize() / 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="as above")
def test_arrays_of_a_raster_are_used_again_without_new_pages():
    command = [sys.executable, "-c", REUSE]
    new_mib = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert float(new_mib) < 50.0  # of 800


RARELY = """
import gc
import sys
from phusong import memory

if sys.argv[1] == "yes":
    memory.collect_rarely()
before = sum(each["collections"] for each in gc.get_stats())
tree = [[number] for number in range(1_000_000)]
print(sum(each["collections"] for each in gc.get_stats()) - before)
for _ in range(300_000):  # cycles, which nothing else takes away
    cycle = []
    cycle.append(cycle)
print(sum(each["collected"] for each in gc.get_stats()))
"""


def test_cycles_are_looked_for_rarely_but_go():
    counts = {}
    for wanted in ("yes", "no"):
        command = [sys.executable, "-c", RARELY, wanted]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        counts[wanted] = [int(number) for number in printed.split()]
    looked, collected = counts["yes"]
    assert looked < counts["no"][0] / 5
    assert collected > 150_000
