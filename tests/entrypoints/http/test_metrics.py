"""A real scrape: everything the table, the rules and the dashboard speak of is there, quickly and cheaply."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import a_publication, a_request
from tests.entrypoints.http.asking import ask
from tests.entrypoints.http.conftest import ROOMY, House
from tests.entrypoints.http.test_doors import TOO_LOW, told
from tests.house.test_deploy import NAME, queries, rules
from ytempire.adapters.otel import OtelTracer
from ytempire.domain.breaker import Breaker
from ytempire.domain.callers import Role
from ytempire.domain.events import Event, Kind
from ytempire.domain.metrics import METRICS, series
from ytempire.domain.publication import Metadata
from ytempire.domain.values import AccountId, PublicationId
from ytempire.domain.vitals import Health, Vital
from ytempire.entrypoints.http.app import build
from ytempire.ports import Spending

TITLE = "a title that nobody may find here"
ONE = AccountId("channel_1")


async def scraped(house: House) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Every series of a scrape."""
    answer = await house.ask("GET", "/metrics")
    assert 200 == answer.status
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for each in family.samples:
            found.setdefault(each.name, []).append((dict(each.labels), each.value))
    return found


async def happen(house: House) -> None:
    """Something of everything that is measured."""
    context = house.serving.acting.context
    store, now = context.store, context.clock.now()
    request = a_request(metadata=Metadata(TITLE))
    await store.submit(a_publication("pub_1", request=request, due=now - timedelta(hours=1)), "f", ())
    data: dict[str, object] = {"code": "backendError", "scope": "request", "why": TITLE}
    chain: dict[str, object] = {"chain": "voice_synthesis", "provider": "aws_polly", "cost": 150_000}
    which = PublicationId("pub_1")
    await store.record(
        (
            Event(Kind.SESSION_OPENED, now - timedelta(seconds=3), publication=which, account=ONE),
            Event(Kind.RETRYING, now, publication=which, account=ONE, data=data),
            Event(Kind.FAULT_SEEN, now, publication=which, account=ONE, data=data),
            Event(Kind.UPLOADED, now, publication=which, account=ONE),
            Event(Kind.CHAIN_FELL_BACK, now, data=chain),
        )
    )
    assert await store.swap_breaker(Breaker("aws_polly", now), ())
    assert await store.swap_vital(Vital("openai", Health.HEALTHY, seen_at=now, latencies=(120,)), ())
    spending = Spending("s", "c", "voice_synthesis", "aws_polly", now.date(), now, 150_000)
    assert await store.hold_money(spending, None)


async def test_every_metric_of_the_table_the_rules_and_the_dashboard_is_scraped(house: House) -> None:
    await happen(house)
    found = await scraped(house)
    asked = set(NAME.findall("\n".join([*queries(), *(rule["expr"] for rule in rules())])))

    assert set() == {name for metric in METRICS for name in series(metric)} - set(found)
    assert set() == asked - set(found)
    assert set() == {name for name in found if name.startswith("ytempire_")} - {
        name for metric in METRICS for name in series(metric)
    }


async def test_what_happened_is_counted_and_what_waits_is_told(house: House) -> None:
    await happen(house)
    found = await scraped(house)

    assert [1.0] == [v for labels, v in found["ytempire_uploads_finished_total"] if labels["account"] == ONE]
    assert [({"reason": "backendError", "scope": "request"}, 1.0)] == found["ytempire_faults_total"]
    assert [({}, 3.0)] == found["ytempire_upload_duration_seconds_sum"]
    assert [({}, 1.0)] == found["ytempire_queue_depth"]
    assert 3600 <= found["ytempire_queue_oldest_wait_seconds"][0][1] < 3700
    assert [({"chain": "voice_synthesis", "provider": "aws_polly"}, 0.15)] == found[
        "ytempire_chain_spend_today_dollars"
    ]


async def test_no_video_and_no_title_is_told(house: House) -> None:
    await happen(house)
    text = (await house.ask("GET", "/metrics")).body.decode()

    assert [] == [word for word in (TITLE, "pub_1") if word in text]


async def test_the_store_is_read_once_however_many_ask(house: House) -> None:
    first, *others = await asyncio.gather(*(scraped(house) for _ in range(20)))
    await happen(house)
    later = await scraped(house)

    assert {first["ytempire_read_timestamp_seconds"][0][1]} == {
        each["ytempire_read_timestamp_seconds"][0][1] for each in (*others, later)
    }
    assert [({}, 0.0)] == later["ytempire_queue_depth"]


async def test_openmetrics_is_told_to_who_asks_for_it(house: House) -> None:
    accept = "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"
    answer = await house.ask("GET", "/metrics", headers={"Accept": accept})

    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.body.endswith(b"# EOF\n")


async def test_a_token_for_some_accounts_is_not_enough(house: House) -> None:
    some = await house.token("some", Role.OPERATOR, "channel_1")
    viewer = await house.token("viewer", Role.VIEWER)

    assert TOO_LOW == told(await house.ask("GET", "/metrics", token=some))
    assert 200 == (await house.ask("GET", "/metrics", token=viewer)).status


async def test_every_request_is_a_span_with_its_route_and_the_id_that_logs_have(house: House) -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = build(replace(house.serving, tracer=OtelTracer(provider)), house.front, ROOMY)
    carried = {"X-Request-Id": "request-of-a-test", "Authorization": "Bearer yte_canary"}
    await ask(app, "GET", "/api/v1/accounts/channel_1?why=canary")
    await ask(app, "GET", "/healthz", headers=carried)
    routed, refused = kept.get_finished_spans()

    assert ("http GET", "/api/v1/accounts/{account}", 422) == (
        routed.name,
        (routed.attributes or {})["http.route"],
        (routed.attributes or {})["http.response.status_code"],
    )
    assert "request-of-a-test" == (refused.attributes or {})["ytempire.request"]
    assert "canary" not in routed.to_json() + refused.to_json()
