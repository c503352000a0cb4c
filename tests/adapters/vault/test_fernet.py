"""Opening what the first ytempire encrypted: with its key and with nothing else, and without a word of either."""

import pytest
from cryptography.fernet import Fernet

from ytempire.adapters.vault.errors import KeyMalformed, KeyWrong
from ytempire.adapters.vault.fernet import opened_fernet

TEXT = '{"refresh_token": "1//canary", "expiry": "2026-11-22T08:00:00Ü"}'


def test_a_file_is_opened_with_its_key_whatever_line_ends_surround_them() -> None:
    key = Fernet.generate_key().decode()
    sealed = Fernet(key).encrypt(TEXT.encode()).decode()

    assert TEXT == opened_fernet(f"\n{sealed}\r\n", f" {key}\n")


def test_an_old_file_is_opened_too() -> None:
    key = Fernet.generate_key()
    sealed = Fernet(key).encrypt_at_time(TEXT.encode(), 1_500_000_000)

    assert TEXT == opened_fernet(sealed.decode(), key.decode())


@pytest.mark.parametrize(
    "key",
    ["", "short", "not base64 at all, but forty-four characters!!", "A" * 43, "ü" * 44, "A" * 88 + "=="],
)
def test_what_is_no_key_is_said_to_be_none(key: str) -> None:
    with pytest.raises(KeyMalformed, match=r"Fernet\.generate_key") as found:
        opened_fernet("gAAAAA", key)

    assert not key or key not in str(found.value)


def test_another_key_opens_nothing_and_neither_it_nor_the_text_is_told() -> None:
    mine, other = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Fernet(mine).encrypt(TEXT.encode()).decode()

    with pytest.raises(KeyWrong, match="the key that the file was encrypted with") as found:
        opened_fernet(sealed, other)

    assert other not in str(found.value)
    assert sealed not in str(found.value)
    assert found.value.__cause__ is None


def test_a_file_that_was_changed_anywhere_is_not_opened() -> None:
    key = Fernet.generate_key().decode()
    sealed = Fernet(key).encrypt(TEXT.encode()).decode()
    for place in range(0, len(sealed.rstrip("=")) - 1, 7):
        letter = "A" if sealed[place] != "A" else "B"
        with pytest.raises(KeyWrong):
            opened_fernet(sealed[:place] + letter + sealed[place + 1 :], key)


def test_a_file_whose_text_is_no_text_is_not_opened() -> None:
    key = Fernet.generate_key().decode()

    with pytest.raises(KeyWrong):
        opened_fernet(Fernet(key).encrypt(b"\xff\xfe").decode(), key)


@pytest.mark.parametrize("text", ["", "gAAAAA", "gAAAAAÜ", "{}"])
def test_what_is_no_encrypted_file_is_not_opened(text: str) -> None:
    with pytest.raises(KeyWrong):
        opened_fernet(text, Fernet.generate_key().decode())
