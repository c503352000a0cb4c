"""`python -m benchmarks`: every benchmark of the house, one after the other, each with its peers in the same run.

`python -m benchmarks refresh` is the long simulation of renewals alone, with its own options;
`python -m benchmarks plan` is planning alone, with its own too;
`python -m benchmarks breaker` is the circuit breaker alone, with its own too.
`fuzz` sends the API whatever comes to mind, and `fanout` lets a thousand listen to it;
`requests` asks it much while uploads run.
"""

import argparse
import sys

from benchmarks import breaker, fanout, fuzz, plan, refresh, requests, reserve, upload


def main() -> int:
    if sys.argv[1:2] == ["refresh"]:
        return refresh.main(sys.argv[2:])
    if sys.argv[1:2] == ["plan"]:
        plan.main(sys.argv[2:])
        return 0
    if sys.argv[1:2] == ["breaker"]:
        return breaker.main(sys.argv[2:])
    if sys.argv[1:2] == ["fuzz"]:
        return fuzz.main(sys.argv[2:])
    if sys.argv[1:2] == ["fanout"]:
        return fanout.main(sys.argv[2:])
    if sys.argv[1:2] == ["requests"]:
        return requests.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes of the upload benchmark")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is told")
    arguments = parser.parse_args()
    reserve.main([])
    plan.main([])
    breaker.main([])
    upload.main(["--scale", str(arguments.scale), "--repeats", str(arguments.repeats)])
    return 0


sys.exit(main())
