"""`[logging]`: the form, the level, and that no secret of the configuration is ever told."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ytempire.adapters.logs import Intake
from ytempire.bootstrap.logs import secrets_of
from ytempire.entrypoints.cli.logs import to_standard_error
from ytempire.settings import BadSettings, Settings, load

CANARIES = {
    "client": "canary of a client",
    "ring": "canary of the ring",
    "written": "canary in the file",
    "file": "canary in a file of its own",
    "variable": "canary in a variable",
    "address": "json://canary:of@an.address/",
    "stripe": "canary of stripe",
    "passphrase": "canary of a passphrase",
}
TEXT = """
[projects.main]
[projects.broken]
client_secrets = "nowhere.json"
[[accounts]]
id = "one"
project = "main"
[[accounts]]
id = "two"
project = "broken"
[providers.openai_primary]
api_key = "canary in the file"
[providers.elevenlabs]
api_key_file = "elevenlabs.key"
[alerts.targets.team]
url = "json://canary:of@an.address/"
[alerts.targets.lost]
url_file = "nowhere"
[health]
stripe_key = "canary of stripe"
"""


def no_more() -> None:
    """Ends what `to_standard_error` began."""
    structlog.reset_defaults()
    root = logging.getLogger()
    for each in [each for each in root.handlers if isinstance(each, Intake)]:
        root.removeHandler(each)


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    no_more()


def configured(folder: Path, text: str = TEXT, **variables: str) -> Settings:
    """An installation that has a secret wherever one can be."""
    client = {"client_id": "id", "client_secret": CANARIES["client"], "redirect_uris": ["http://localhost"]}
    uris = {"auth_uri": "https://accounts.test/auth", "token_uri": "https://oauth2.googleapis.com/token"}
    (folder / "client_secrets.json").write_text(json.dumps({"installed": client | uris}))
    (folder / "elevenlabs.key").write_text(CANARIES["file"])
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "ring.json").write_text(json.dumps({"keys": [{"key": CANARIES["ring"]}]}))
    (folder / "ytempire.toml").write_text(text)
    return load(folder / "ytempire.toml", folder, variables)


def test_every_secret_of_the_configuration_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARIES["variable"])
    monkeypatch.setenv("YTEMPIRE_PASSPHRASE", CANARIES["passphrase"])

    assert set() == set(CANARIES.values()) - secrets_of(configured(tmp_path))


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_of_the_configuration_is_told(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARIES["variable"])
    monkeypatch.setenv("YTEMPIRE_PASSPHRASE", CANARIES["passphrase"])
    to_standard_error(configured(tmp_path, YTEMPIRE_LOGGING__FORMAT=form))
    for canary in CANARIES.values():
        structlog.get_logger().warning(canary, why=f"it was {canary}")
        logging.getLogger("somebody").error("and %s", canary)
    said = capsys.readouterr().err

    assert 2 * len(CANARIES) == len(said.splitlines())
    assert "canary" not in said


def test_the_form_and_the_level_are_configured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TEXT + '[logging]\nformat = "text"\nlevel = "error"\n'
    to_standard_error(configured(tmp_path, text))
    structlog.get_logger().warning("quiet")
    structlog.get_logger().error("loud and clear", publication="pub_1")
    (line,) = capsys.readouterr().err.splitlines()

    assert line.endswith("error    loud and clear publication=pub_1")


def test_a_form_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="use one of json, text"):
        configured(tmp_path, TEXT + '[logging]\nformat = "xml"\n')


def test_what_cannot_be_read_keeps_nobody_from_logging(tmp_path: Path) -> None:
    settings = configured(tmp_path, TEXT + '[chains.voice_synthesis]\nproviders = ["nobody"]\n')
    (tmp_path / "keys" / "ring.json").write_text("[]")

    assert CANARIES["client"] in secrets_of(settings)
