"""`ytempire webhook` as a person uses it, and workers that tell a real receiver what happened."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.adapters.receiver import Receiver, receiving
from tests.canaries import leaks
from tests.entrypoints.conftest import Install
from tests.entrypoints.program import Installation
from ytempire.entrypoints.cli.exits import Exit

PATH = "canary-path-of-the-receiver"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def section(receiver: Receiver, name: str = "shop", events: str = '["publication.*"]') -> str:
    """The section of a receiver on this machine."""
    return (
        f'\n[webhooks.{name}]\nurl = "http://127.0.0.1:{receiver.port}/{PATH}"\nevents = {events}\n'
        "allow_private = true\n"
    )


@pytest.fixture
def bare(tmp_path: Path) -> Installation:
    """A home with a configuration and nothing else."""
    made = Installation(tmp_path)
    (tmp_path / "client_secrets.json").write_text('{"installed": {"client_id": "a", "client_secret": "b"}}')
    made.config.write_text("[projects.main]\n")
    assert 0 == made.run("init", "--config", tmp_path / "unused.toml").code
    return made


def verified(secret: str, receiver: Receiver) -> list[dict[str, Any]]:
    """What the reference library makes of everything that was taken."""
    return [
        Webhook(secret).verify(body, head) for body, head in zip(receiver.bodies, receiver.heads, strict=True)
    ]


def test_a_publication_is_told_to_a_real_receiver_who_verifies_it(
    install: Install, films: Path, receiver: Receiver
) -> None:
    place = install(more=section(receiver))
    secret = place.run("webhook", "add", "shop", "--json").json()["secret"]

    done = place.run("publish", films / "film1.mp4", "--title", "One", "--wait", "--json").json()

    told = verified(secret, receiver)
    which = done["publications"][0]["id"]
    assert {which} == {each["data"]["publication"] for each in told}
    kinds = [each["type"] for each in told]
    assert ("publication.submitted", "publication.published") == (kinds[0], kinds[-1])
    numbers = [each["data"]["number"] for each in told]
    assert sorted(numbers) == numbers
    assert {f"/{PATH}"} == set(receiver.paths)
    assert str(films) not in "".join(receiver.bodies)
    said = [each for each in place.said if "'add'" not in each]
    assert [] == leaks(place.home, said, {secret.encode()}, but=place.home / "keys")


def test_a_receiver_that_is_down_is_told_later_and_in_order(
    install: Install, films: Path, receiver: Receiver
) -> None:
    place = install(more=section(receiver, events='["publication.submitted", "publication.published"]'))
    secret = place.run("webhook", "add", "shop", "--json").json()["secret"]
    receiver.status = 503
    place.run("publish", films / "film1.mp4", "--title", "One", "--wait")
    (listed,) = place.run("webhook", "list", "--json").json()["webhooks"]
    assert ("active", 2, 0) == (listed["state"], listed["waiting"], listed["delivered"])
    receiver.status = 200

    with place.started("worker"):
        end = time.monotonic() + 30
        while len(receiver.bodies) < 2 and time.monotonic() < end:
            time.sleep(0.05)

    assert ["publication.submitted", "publication.published"] == [
        each["type"] for each in verified(secret, receiver)
    ]
    assert f"{len(receiver.paths) - 2} tries failed" == "1 tries failed"


def test_410_disables_and_what_died_can_be_sent_again(
    install: Install, films: Path, receiver: Receiver
) -> None:
    place = install(more=section(receiver, events='["publication.published"]'))
    place.run("webhook", "add", "shop")
    receiver.status = 410
    place.run("publish", films / "film1.mp4", "--title", "One", "--wait")

    (listed,) = place.run("webhook", "list", "--json").json()["webhooks"]
    assert ("disabled", 1) == (listed["state"], listed["dead"])
    place.run("worker", "--until-idle")
    keys = [each["key"] for each in place.run("alerts", "list", "--json").json()["alerts"]]
    assert ["webhook:shop:disabled"] == keys
    (dead,) = place.run("webhook", "dead", "shop", "--json").json()["messages"]
    assert ("publication.published", "dead", 1) == (dead["kind"], dead["state"], dead["tries"])

    receiver.status = 200
    assert "shop is served again\n" == place.run("webhook", "enable", "shop").out
    assert "1 message for shop wait again\n" == place.run("webhook", "replay", "shop", dead["id"]).out
    place.run("worker", "--until-idle")

    assert [dead["id"]] == [head["webhook-id"] for head in receiver.heads]
    assert [] == place.run("alerts", "list", "--json").json()["alerts"]


def test_a_secret_is_shown_once_and_a_rotation_shows_another(bare: Installation, receiver: Receiver) -> None:
    bare.config.write_text(bare.config.read_text() + section(receiver))

    added = bare.run("webhook", "add", "shop")
    rotated = bare.run("webhook", "rotate", "shop", "--at-once")

    first, second = added.out.strip(), rotated.out.strip()
    assert first.startswith("whsec_")
    assert second.startswith("whsec_")
    assert first != second
    assert ["ytempire: this is the secret that signs for shop; it is not shown again:"] == added.lines()
    shown = bare.run("webhook", "list").out
    assert "whsec_" not in shown
    assert PATH not in shown
    assert Exit.DONE == bare.run("webhook", "test", "shop").code
    assert "webhook.test" == verified(second, receiver)[-1]["type"]
    receiver.status = 500
    failed = bare.run("webhook", "test", "shop", "--json")
    assert (Exit.FAILED, "it answered 500") == (failed.code, failed.json()["error"])
    assert {"webhook": "shop", "state": "removed"} == bare.run("webhook", "remove", "shop", "--json").json()
    assert Exit.USAGE == bare.run("webhook", "test", "shop").code


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('url = "http://hooks.test/canary"', "webhooks.shop.url: it is not https; use https, or set"),
        ('url = "https://a:canary@hooks.test/"', "webhooks.shop.url: it holds a name or a password"),
        ("url = 5", "webhooks.shop.url: a text is expected"),
        ('events = ["*"]', "webhooks.shop.url: this key is missing; add it"),
        (
            'url = "https://hooks.test/canary"\nevents = ["publications.*"]',
            "webhooks.shop.events: no event that is sent is called 'publications.*'",
        ),
        ('url = "https://hooks.test/canary"\nevents = []', "webhooks.shop.events: the list is empty"),
    ],
)
def test_a_section_that_cannot_be_is_refused_without_its_address(
    bare: Installation, text: str, line: str
) -> None:
    bare.config.write_text(f"[projects.main]\n[webhooks.shop]\n{text}\n")

    ended = bare.run("webhook", "list")

    assert Exit.USAGE == ended.code
    assert any(each.startswith(f"ytempire: {line}") for each in ended.lines()), ended.err
    assert "canary" not in ended.err


def test_a_name_that_cannot_be_a_webhook_is_refused(bare: Installation) -> None:
    bare.config.write_text('[projects.main]\n[webhooks."a b"]\nurl = "https://hooks.test/"\n')

    assert "ytempire: webhooks: 'a b' is no name for a webhook" in bare.run("webhook", "list").err
