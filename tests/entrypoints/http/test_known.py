"""What a house knows by its configuration: alerts about everything else end, and old events are forgotten."""

from dataclasses import replace
from datetime import timedelta

from tests.entrypoints.http.conftest import House
from ytempire.bootstrap.duties import retention
from ytempire.settings.chain_sections import RetentionSection


async def test_a_house_knows_what_alerts_of_its_own_can_be_about(house: House) -> None:
    settings = house.serving.settings

    known = house.serving.chains.known(settings)

    assert {each.id for each in settings.accounts} == known.accounts
    assert set(settings.projects) == known.projects
    assert {"youtube", "local_tts", "template"} <= known.providers
    assert {"youtube", "google_oauth"} <= known.services
    assert {"voice_synthesis", "script_generation", "video_upload"} <= known.chains
    assert frozenset(settings.alerts.targets) == known.targets
    assert frozenset(settings.webhooks) == known.webhooks


async def test_everything_is_kept_for_as_long_as_the_configuration_says_and_the_checklist_counts(
    house: House,
) -> None:
    settings = house.serving.settings
    few = replace(
        settings,
        retention=RetentionSection(events_days=31, dead_letters_days=7),
        checklist=replace(settings.checklist, window_days=60),
    )

    keep = retention(few, house.serving.acting.context).keep

    assert (timedelta(days=61), timedelta(days=7)) == (keep.events, keep.dead_letters)
    assert (timedelta(days=400), timedelta(days=3660)) == (keep.alerts, keep.quota)
