"""`python -m benchmarks`: every benchmark of the house, one after the other, each with its peers in the same run."""

import argparse

from benchmarks import reserve, upload


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes of the upload benchmark")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is told")
    arguments = parser.parse_args()
    reserve.main([])
    upload.main(["--scale", str(arguments.scale), "--repeats", str(arguments.repeats)])


main()
