"""What is told where the database is gone: to come back later, and nothing of where it is."""

from ytempire.domain.values import StoreGone
from ytempire.entrypoints.http.problems import problem_of


def test_a_database_that_is_gone_is_asked_again_later_and_its_address_told_to_nobody() -> None:
    told = problem_of(StoreGone("PostgreSQL cannot be reached: connect to 10.1.2.3 failed; start it"))

    assert (503, "upstream_silent", "the database does not answer") == (told.status, told.code, told.detail)
    assert {"Retry-After": "30"} == dict(told.headers or {})
