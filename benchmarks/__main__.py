"""`python -m benchmarks`: every benchmark of the house, one after the other, each with its peers in the same run.

`python -m benchmarks plan ...` is the one of planning alone, with its own options.
"""

import argparse
import sys

from benchmarks import plan, reserve, upload


def main() -> None:
    if sys.argv[1:2] == ["plan"]:
        plan.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes of the upload benchmark")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is told")
    arguments = parser.parse_args()
    reserve.main([])
    plan.main([])
    upload.main(["--scale", str(arguments.scale), "--repeats", str(arguments.repeats)])


main()
