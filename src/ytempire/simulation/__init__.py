"""Days of the real decision core on a virtual clock: the same domain, planner and services, in a pretended world.

What may live here: the virtual time, the pretended Google with its weather, the people around it, the books that
are kept of each day, and the proofs that nothing went wrong. Nothing here decides where a video goes.
"""

from ytempire.simulation.faults import CALM, KINDS, PRESETS, Rates
from ytempire.simulation.result import Day, Line, Result
from ytempire.simulation.run import simulated
from ytempire.simulation.scenario import Layout, Scenario

__all__ = ["CALM", "KINDS", "PRESETS", "Day", "Layout", "Line", "Rates", "Result", "Scenario", "simulated"]
