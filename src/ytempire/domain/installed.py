"""What an installation may lack: the extras of the package, and the words for one that is asked for and not there."""


def lacks_extra(what: str, extra: str) -> str:
    """That `what` needs an extra that is not installed, and how to have it from a checkout: nothing is released."""
    remedy = f"run `pip install -e '.[{extra}]'` in the checkout"
    return f"{what} needs the extra {extra}, which is not installed; {remedy}"
