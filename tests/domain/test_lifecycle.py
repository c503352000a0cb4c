"""The life of a publication: every pair of state and step, allowed or refused."""

from itertools import product

import pytest

from ytempire.domain.lifecycle import (
    ATTENDED,
    FINAL,
    TABLE,
    WORKABLE,
    IllegalStep,
    State,
    Step,
    mermaid,
    take,
)

EXPECTED = {
    State.QUEUED: "plan:planned start:uploading defer:deferred hold:held refuse:refused skip:duplicate "
    "cancel:cancelled",
    State.PLANNED: "return:queued start:uploading defer:deferred hold:held refuse:refused skip:duplicate "
    "cancel:cancelled",
    State.DEFERRED: "return:queued start:uploading defer:deferred hold:held refuse:refused skip:duplicate "
    "cancel:cancelled",
    State.UPLOADING: "return:queued defer:deferred uploaded:processing hold:held refuse:refused "
    "skip:duplicate cancel:cancelled",
    State.PROCESSING: "publish:published fail:failed hold:held skip:duplicate",
    State.HELD: "release:queued adopt:processing fail:failed cancel:cancelled",
    State.PUBLISHED: "",
    State.REFUSED: "",
    State.DUPLICATE: "",
    State.CANCELLED: "",
    State.FAILED: "",
}
"""The table once more, written from the specification and not from the code."""


def allowed(state: State) -> dict[str, str]:
    return dict(pair.split(":") for pair in EXPECTED[state].split())


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)), ids=str)
def test_a_step_leads_where_the_table_says_or_is_refused(state: State, step: Step) -> None:
    before = dict(TABLE)

    if step in allowed(state):
        assert allowed(state)[step] == take(state, step)
    else:
        with pytest.raises(IllegalStep, match=f"a publication that is {state} cannot {step}") as refused:
            take(state, step)
        assert (state, step) == (refused.value.state, refused.value.step)
    assert before == TABLE


def test_states_without_a_way_out_are_final_and_only_those() -> None:
    expected = {State.PUBLISHED, State.REFUSED, State.DUPLICATE, State.CANCELLED, State.FAILED}
    assert expected == FINAL


def test_a_worker_works_on_what_is_neither_final_nor_held() -> None:
    assert set(State) - FINAL - {State.HELD} == WORKABLE
    assert WORKABLE | {State.PUBLISHED} == ATTENDED


@pytest.mark.parametrize("state", sorted(set(State) - FINAL), ids=str)
def test_from_every_other_state_an_end_can_be_reached(state: State) -> None:
    reached, fresh = {state}, {state}
    while fresh:
        fresh = {after for (before, _), after in TABLE.items() if before in fresh} - reached
        reached |= fresh

    assert reached & FINAL


def test_a_video_that_may_exist_is_never_simply_cancelled() -> None:
    assert (State.PROCESSING, Step.CANCEL) not in TABLE


def test_the_diagram_shows_every_step_and_every_end() -> None:
    lines = mermaid().splitlines()

    assert "stateDiagram-v2" == lines[0]
    assert "    [*] --> queued: submit" == lines[1]
    steps = {f"    {state} --> {after}: {step}" for state in State for step, after in allowed(state).items()}
    ends = {f"    {state} --> [*]" for state in FINAL}
    assert steps | ends == set(lines[2:])
    assert len(steps | ends) == len(lines[2:])
