"""Starts the campaign: `python -m benchmarks.campaign`."""

import sys

from benchmarks.campaign.command import main

if __name__ == "__main__":
    sys.exit(main())
