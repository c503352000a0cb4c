"""The terms of providers as configured: whose key is shown to whom."""

from pathlib import Path

import pytest

from ytempire.bootstrap.vendors import named
from ytempire.settings import load

ELSEWHERE = """
[providers.house_model]
kind = "openai"
base_url = "http://127.0.0.1:11434/v1"
model = "llama"
paid = false

[providers.other]
kind = "openai"
base_url = "https://models.test/v1"
api_key_env = "MODELS_KEY"
"""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-usual")
    monkeypatch.setenv("MODELS_KEY", "sk-other")


def test_the_usual_key_is_for_the_usual_address_alone(tmp_path: Path) -> None:
    config = tmp_path / "ytempire.toml"
    config.write_text(ELSEWHERE)
    settings = load(config, tmp_path / "home", {})

    usual, house, other = (named(settings, name) for name in ("openai_primary", "house_model", "other"))

    assert usual.terms.key is not None
    assert "sk-usual" == usual.terms.key.reveal()
    assert (None, "") == (house.terms.key, house.unready)
    assert other.terms.key is not None
    assert "sk-other" == other.terms.key.reveal()


@pytest.mark.parametrize(
    ("given", "unready"),
    [
        ('key_id = "AKIA"\napi_key = "secret"', ""),
        ("", ""),
        ('key_id = "AKIA"', "it has a key_id and no key: set providers.cheap.api_key_file"),
        (
            'api_key = "secret"',
            "it has a key and no key_id: set AWS_ACCESS_KEY_ID, or providers.cheap.key_id",
        ),
    ],
)
def test_a_key_of_two_parts_is_of_no_use_with_one(
    given: str, unready: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    config = tmp_path / "ytempire.toml"
    config.write_text(f'[providers.cheap]\nkind = "polly"\nbase_url = "http://127.0.0.1:9/"\n{given}\n')

    assert unready == named(load(config, tmp_path / "home", {}), "cheap").unready
