"""Causes of errors: all of them in order, also of groups, and never without an end."""

from typing import TypeVar

from ytempire.domain.causes import causes, first_of, first_told

E = TypeVar("E", bound=BaseException)
WORDS = ((ConnectionRefusedError, "refused"), (ConnectionError, "broken"), (TimeoutError, "silent"))


def caused(error: E, *behind: BaseException) -> E:
    """An error with these behind it."""
    last: BaseException = error
    for each in behind:
        last.__cause__ = each
        last = each
    return error


def test_causes_come_from_the_error_inwards_and_a_cause_goes_before_a_context() -> None:
    error = caused(ValueError("outer"), KeyError("inner"))
    error.__context__ = OSError("beside")

    assert [ValueError, KeyError] == [type(each) for each in causes(error)]
    bare = ValueError()
    bare.__context__ = OSError()
    assert [ValueError, OSError] == [type(each) for each in causes(bare)]
    assert [] == list(causes(None))


def test_every_error_of_a_group_is_a_cause_with_its_own_causes() -> None:
    group = ExceptionGroup("all", [caused(ValueError(), KeyError()), OSError()])

    found = [type(each) for each in causes(caused(group, TimeoutError()))]

    assert [ExceptionGroup, ValueError, KeyError, OSError, TimeoutError] == found


def test_a_chain_that_bites_its_tail_comes_to_an_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert 10 == len(list(causes(first)))


def test_the_first_cause_of_a_kind_is_found_or_none() -> None:
    refused = ConnectionRefusedError()

    assert refused is first_of(ConnectionError, caused(ValueError(), refused, ConnectionError()))
    assert first_of(TimeoutError, refused) is None


def test_the_words_of_the_outermost_cause_that_has_some_are_told() -> None:
    assert "refused" == first_told(caused(ValueError(), ConnectionRefusedError(), TimeoutError()), WORDS)
    assert "silent" == first_told(caused(TimeoutError(), ConnectionRefusedError()), WORDS)
    assert first_told(ValueError(), WORDS) is None
