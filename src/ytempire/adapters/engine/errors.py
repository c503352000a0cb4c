"""How a pass, or the engine, can fail to go on."""


class EngineBusy(Exception):
    """Another engine runs in this process. Stop it first."""


class PassFailed(Exception):
    """A pass ended with an error. Says only which kind: DBOS stores this text, and words may tell secrets."""


class LeftForLater(BaseException):
    """A pass that does not run, or not to its end, because the process stops.

    No `Exception`, so that DBOS does not take it for the workflow's result: the workflow stays unfinished and
    is recovered at the next start, as after a crash.
    """
