"""How texts and moments from outside are written within sentences of ours."""

import pytest

from ytempire.entrypoints.http.pages.words import apart, details

FSI, PDI, RLO, RLI = "\u2068", "\u2069", "\u202e", "\u2067"


def test_a_moment_in_the_details_of_an_event_is_written_for_people() -> None:
    data = {"until": "2026-11-23T00:32:10.238883+00:00", "tries": 1, "day": "2026-11-23"}

    assert "until: 2026-11-23 00:32:10 UTC · tries: 1 · day: 2026-11-23" == details(data)


def test_money_and_truth_in_the_details_of_an_event_are_written_for_people() -> None:
    assert "cost: 0.80 USD · passed: yes" == details({"cost": 800_000, "passed": True})
    assert "cost: uploads=1 · failed: point=a" == details(
        {"cost": {"uploads": 1}, "failed": [{"point": "a", "before": None}]}
    )


@pytest.mark.parametrize("text", ["plain", "Näher 🎬", "日本", ""])
def test_a_text_that_turns_nothing_stays_as_it_is(text: str) -> None:
    assert text == apart(text)


@pytest.mark.parametrize(
    ("text", "begun", "ended"),
    [
        ("שלום", 1, 1),
        (f"{RLO}evil", 1, 1),
        (f"{PDI}{RLO}evil", 2, 2),
        (f"{RLI}evil", 1, 2),
        (f"{RLI}a{PDI}", 2, 3),
    ],
)
def test_a_text_that_turns_is_isolated_whatever_it_opens_or_closes_itself(
    text: str, begun: int, ended: int
) -> None:
    assert FSI * begun + text + PDI * ended == apart(text)
    assert f"title: {FSI * begun}{text}{PDI * ended} · by: me" == details({"title": text, "by": "me"})
