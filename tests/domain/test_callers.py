"""Callers: which role covers which, when a token is good, and what is stored of it."""

from datetime import UTC, datetime, timedelta

import pytest

from ytempire.domain.callers import (
    GIVEN,
    LOCAL,
    NAME,
    NOBODY,
    ApiToken,
    Caller,
    Role,
    hashed,
    is_token,
    role_named,
    token_text,
)
from ytempire.domain.values import AccountId, Refused, Secret

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ONE, TWO = AccountId("one"), AccountId("two")


def a_token(**changes: object) -> ApiToken:
    known: dict[str, object] = {"accounts": None, "expires_at": None, "revoked_at": None} | changes
    return ApiToken("tok_1", "ci", "hash", Role.OPERATOR, NOW, "local", **known)  # type: ignore[arg-type]


def test_each_role_covers_itself_and_those_before_it() -> None:
    for rank, role in enumerate(Role):
        assert [each <= rank for each in range(5)] == [role.covers(least) for least in Role]


def test_nobody_is_less_than_every_role_that_is_given() -> None:
    assert [False] * 4 == [NOBODY.role.covers(each) for each in GIVEN]


def test_a_caller_for_some_accounts_sees_those_alone() -> None:
    some = Caller("ci", Role.ADMIN, frozenset({ONE}), "tok_1")

    assert [True, False, False] == [some.sees(each) for each in (ONE, TWO, None)]
    assert [True, True, True] == [Caller("ci", Role.VIEWER).sees(each) for each in (ONE, TWO, None)]


def test_a_caller_is_kept_by_their_token_or_by_their_name() -> None:
    assert "tok_1" == a_token().caller().key
    assert LOCAL == Caller(LOCAL, Role.VIEWER).key


def test_a_token_expires_at_its_moment_and_a_revoked_one_is_revoked_first_of_all() -> None:
    ends = a_token(expires_at=NOW)

    assert "valid" == ends.state(NOW - timedelta(seconds=1))
    assert "expired" == ends.state(NOW)
    assert "revoked" == a_token(expires_at=NOW, revoked_at=NOW).state(NOW)
    assert "valid" == a_token().state(NOW + timedelta(days=9999))


def test_whoever_holds_a_token_is_what_it_says() -> None:
    assert (
        Caller("ci", Role.OPERATOR, frozenset({ONE}), "tok_1") == a_token(accounts=frozenset({ONE})).caller()
    )


def test_a_token_has_its_prefix_and_is_known_by_its_form() -> None:
    text = token_text(Secret("A" * 43)).reveal()

    assert "yte_" + "A" * 43 == text
    assert is_token(text)
    assert not any(map(is_token, ("", "yte_", text + "A", text[:-1], text.upper(), text + "\n", "x" + text)))


def test_what_is_stored_is_the_sha256_of_the_text() -> None:
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == hashed(Secret("abc"))


def test_the_text_of_a_token_is_never_shown_by_accident() -> None:
    assert "hash" not in repr(a_token())


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\n", "a" * 65, "ä"])
def test_a_name_that_could_be_misread_is_none(name: str) -> None:
    assert NAME.fullmatch(name) is None


def test_a_role_is_found_by_its_name_and_anybody_is_no_role_for_a_token() -> None:
    assert list(GIVEN) == [role_named(each) for each in GIVEN]
    for text in ("anybody", "root", ""):
        with pytest.raises(Refused, match="there is no role"):
            role_named(text)
