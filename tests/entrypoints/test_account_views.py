"""What a person sees of accounts: both numbers, what happened, what was learned, and why one was chosen."""

from pathlib import Path

from tests.entrypoints.conftest import Install
from ytempire.emulator import Emulator


def test_the_list_tells_health_and_fitness_of_each_account(install: Install) -> None:
    head, first, second = install().run("accounts", "list").out.splitlines()

    assert ["account", "kind", "state", "health", "fitness"] == head.split()[:5]
    assert ["channel_1", "production", "active", "1.000", "0.870"] == first.split()[:5]
    assert ["channel_2", "production", "active", "1.000", "0.870"] == second.split()[:5]


def test_an_account_is_shown_with_its_parts_and_its_history(install: Install) -> None:
    place = install(1)
    assert 0 == place.run("accounts", "pause", "channel_1", "--why", "a holiday").code

    shown = place.run("accounts", "show", "channel_1").out
    document = place.run("accounts", "show", "channel_1", "--json").json()

    assert "health 1.000: condition 1.000, errors 1.000, streak 1.000, token 1.000, strikes 1.000" in shown
    assert "fitness 0.870: quota 1.000, success 0.900, rest 1.000, age 0.000" in shown
    assert "a holiday" in shown
    assert ["account.connected", "account.changed"] == [event["kind"] for event in document["history"]]
    assert "person" == document["history"][-1]["data"]["by"]


def test_a_forbidden_thumbnail_is_learned_and_the_next_one_not_sent(
    install: Install, films: Path, google: Emulator
) -> None:
    place = install(1)
    google.add_fault("thumbnails.set", "status", status=403, reason="forbidden")
    pictures = ("--thumbnail", films / "thumbnail.jpg", "--wait")

    for number in (1, 2):
        assert 0 == place.run("publish", films / f"film{number}.mp4", *pictures).code

    requests = [event for event in google.journal.since(0) if event.kind == "request"]
    assert 1 == sum(event.facts["point"] == "thumbnails.set" for event in requests)
    lessons = {
        each["topic"]: each["value"]
        for each in place.run("accounts", "show", "channel_1", "--json").json()["lessons"]
    }
    assert {"thumbnails": "refused", "long_uploads": "allowed"} == lessons
    assert "thumbnails refused" in place.run("accounts", "show", "channel_1").out
    newest = place.run("jobs", "list", "--json").json()["publications"][0]["id"]
    assert "takes no custom thumbnails" in place.run("accounts", "explain", newest).out


def test_a_choice_is_explained_with_health_and_every_obstacle(install: Install, films: Path) -> None:
    place = install(2)
    assert 0 == place.run("accounts", "pause", "channel_2", "--why", "a holiday").code
    (told,) = place.run("publish", films / "film1.mp4", "--wait", "--json").json()["publications"]

    table = place.run("accounts", "explain", told["id"]).out
    chosen, left_out = place.run("accounts", "explain", told["id"], "--json").json()["candidates"]

    assert "the account is paused (a holiday)" in table
    assert "health" in table
    assert ("channel_1", 1.0, None, []) == (
        chosen["account"],
        chosen["health"],
        chosen["obstacle"],
        chosen["also"],
    )
    assert ("channel_2", 1.0, "condition", None) == (
        left_out["account"],
        left_out["health"],
        left_out["obstacle"],
        left_out["score"],
    )


def test_a_policy_for_reserves_that_nobody_knows_is_refused(install: Install) -> None:
    place = install(1)
    text = place.config.read_text()
    place.config.write_text(text + '\n[planning]\nreserves = "sometimes"\n')

    ended = place.run("accounts", "list")

    assert 2 == ended.code
    assert "planning.reserves" in ended.err
