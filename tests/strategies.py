"""Strategies that several properties share: what may stand in a JSON document from outside."""

from typing import Any

from hypothesis import strategies as st

_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)


def json_values(*names: str) -> st.SearchStrategy[Any]:
    """Any JSON value, a little nested, in which the named keys are likely."""
    keys = st.sampled_from(names) | st.text(max_size=4) if names else st.text(max_size=4)
    inner = _PLAIN | st.lists(_PLAIN, max_size=2)
    return (
        inner | st.dictionaries(keys, inner, max_size=3) | st.lists(st.dictionaries(keys, inner), max_size=2)
    )
