"""Bad input: each one clear line on standard error and exit 2, with nothing created and nothing spent."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.media.films import AUDIO_ONLY, write_film, write_source
from tests.entrypoints.conftest import installation
from tests.entrypoints.program import Ended, Installation
from ytempire.emulator import Emulator


@pytest.fixture(scope="module")
def world() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, world: Emulator, films: Path) -> Installation:
    """An installation that every refusal leaves as it is."""
    folder = tmp_path_factory.mktemp("place")
    made = installation(folder, world)
    good = (films / "film1.mp4").read_bytes()
    (folder / "good.mp4").write_bytes(good)
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "back.mp4").write_bytes(good[: len(good) * 2 // 3])
    (folder / "front.mp4").write_bytes(good[len(good) // 3 :])
    (folder / "text.mp4").write_text("This is no film.\n" * 50)
    source = write_source(folder, "source.mp4", index_first=True)
    write_film(folder, source, AUDIO_ONLY)
    (folder / "picture.txt").write_text("no picture")
    return made


@pytest.fixture(autouse=True)
def nothing_happens(place: Installation, world: Emulator) -> Iterator[None]:
    """Whatever the test does: no publication, no request to Google, no quota."""
    before = len(world.journal.since(0)), place.state()
    yield
    assert {} == place.state()["counts"]
    assert before == (len(world.journal.since(0)), place.state())


def assert_refused(ended: Ended, *parts: str) -> None:
    """One line for each part, in this order, on standard error only."""
    assert "" == ended.out
    assert len(parts) == len(ended.lines()), ended.err
    for part, line in zip(parts, ended.lines(), strict=True):
        assert line.startswith("ytempire: ")
        assert part in line
    assert 2 == ended.code


LONG_TAGS = ",".join(["a" * 99, "b" * 99, "c" * 99, "d" * 99, "e" * 99, "f"])  # 496, and 5 commas


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.mp4"], "there is no file"),
        (["empty.mp4"], "the file is empty"),
        (["back.mp4"], "cut short"),
        (["front.mp4"], "cannot be read as a video"),
        (["sound.mp4"], "sound but no moving picture"),
        (["text.mp4"], "holds text, no video"),
        ([".", "--title", "x"], "is not a regular file"),
        (["good.mp4", "--title", "x" * 101], "has 101 characters and YouTube takes 100"),
        (["good.mp4", "--title", "a < b"], "holds < or >"),
        (["good.mp4", "--description", "é" * 2500 + "x"], "has 5001 bytes in UTF-8 and YouTube takes 5000"),
        (["good.mp4", "--tags", LONG_TAGS], "count 501 characters"),
        (["good.mp4", "--publish-at", "2020-01-01T00:00:00Z"], "has passed"),
        (["good.mp4", "--publish-at", "2999-01-01T00:00:00"], "has no time zone"),
        (["good.mp4", "--publish-at", "soon"], "is not a moment"),
        (["good.mp4", "--publish-at", "2999-01-01T00:00:00Z", "--privacy", "public"], "public was asked"),
        (["good.mp4", "--privacy", "secret"], "'secret' is not one of 'public'"),
        (["good.mp4", "--playlist", "dialy"], "did you mean daily?"),
        (["good.mp4", "--playlist", "else"], "'else' is not configured"),
        (["good.mp4", "--account", "chanel_1"], "did you mean channel_1?"),
        (["good.mp4", "--group", "none"], "'none' is not configured"),
        (["good.mp4", "--caption", "captions.srt"], "names no language and file"),
        (["good.mp4", "--caption", "en:none.srt"], "there is no file"),
        (["good.mp4", "--thumbnail", "picture.txt"], "neither a JPEG nor a PNG"),
        (["good.mp4", "--priority", "11"], "11 is not from 1 to 10"),
        (["good.mp4", "--deadline", "2020-01-01T00:00:00Z"], "the deadline has passed"),
        (["absent.csv"], "cannot be read: No such file"),
        (["good.mp4", "--titel", "x"], "no such option: --titel"),
        ([], "missing argument"),
    ],
)
def test_a_bad_video_or_field_is_one_clear_line(place: Installation, words: list[str], told: str) -> None:
    assert_refused(place.run("publish", *words), told)


def test_everything_wrong_with_a_video_is_told_at_once(place: Installation) -> None:
    ended = place.run(
        "publish", "empty.mp4", "--title", "x" * 101, "--privacy", "public", "--tags", LONG_TAGS
    )

    assert_refused(ended, "101 characters", "501 characters", "the file is empty")


def test_every_broken_row_of_a_csv_manifest_is_told_with_its_line(place: Installation) -> None:
    rows = [
        "file,title,privcy",
        "good.mp4,fine,",
        f"none.mp4,{'x' * 101},",
        "good.mp4,a<b,",
        "good.mp4,a,b,c",
    ]
    (place.folder / "rows.csv").write_text("\n".join(rows))

    assert_refused(
        place.run("publish", "rows.csv"),
        "rows.csv line 1: privcy: there is no such field; did you mean privacy?",
        "rows.csv line 5: more cells than columns",
        "rows.csv line 3: title: the title has 101 characters",
        "rows.csv line 3: file: there is no file",
        "rows.csv line 4: title: it holds < or >",
    )


def test_every_broken_row_of_a_jsonl_manifest_is_told_with_its_line(place: Installation) -> None:
    rows = [
        '{"file": "good.mp4"',
        '{"file": "good.mp4"}',
        "[]",
        '{"file": "none.mp4"}',
        '{"file": 7.5, "tags": 3}',
    ]
    (place.folder / "rows.jsonl").write_text("\n".join(rows))

    assert_refused(
        place.run("publish", "rows.jsonl"),
        "rows.jsonl line 1: not JSON",
        "rows.jsonl line 3: this is not a set of fields",
        "rows.jsonl line 5: tags: 3 is not a list",
        "rows.jsonl line 4: file: there is no file",
    )


def test_every_broken_row_of_a_yaml_manifest_is_told_with_its_line(place: Installation) -> None:
    text = "publications:\n- file: good.mp4\n- hello\n- file: good.mp4\n  publish_at: 2999-01-01T00:00:00\n"
    (place.folder / "rows.yaml").write_text(text + "- file: none.mp4\n")

    assert_refused(
        place.run("publish", "rows.yaml"),
        "rows.yaml line 3: this is not a set of fields",
        "rows.yaml line 4: publish_at: 2999-01-01 00:00:00 has no time zone",
        "rows.yaml line 6: file: there is no file",
    )


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("none.csv", "file,title\n", "has no rows"),
        ("quotes.csv", 'file,title\ngood.mp4,"open\n', "check the quotes"),
        ("text.yaml", "just words\n", "a list of videos is expected"),
        ("indent.yaml", "- file: a\n   title: b\n", "indent.yaml line 2: not YAML"),
        (
            "keys.jsonl",
            '{"file": "good.mp4", "idempotency_key": "k"}\n' * 2,
            "'k' is used by keys.jsonl line 1 too",
        ),
    ],
)
def test_a_manifest_that_is_none_is_one_clear_line(
    place: Installation, name: str, text: str, told: str
) -> None:
    (place.folder / name).write_text(text)

    assert_refused(place.run("publish", name), told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["jobs", "show", "pub_none"], "there is no"),
        (["jobs", "cancel", "pub_none"], "there is no"),
        (["jobs", "retry", "pub_none"], "there is no"),
        (["jobs", "resolve", "pub_none", "--give-up"], "there is no"),
        (["jobs", "resolve", "pub_none"], "say exactly one of"),
        (["jobs", "list", "--before", "pub_none"], "there is no"),
        (["jobs", "list", "--account", "channel_11"], "did you mean channel_1?"),
        (["jobs", "list", "--state", "lost"], "'lost' is not one of 'queued'"),
        (["accounts", "show", "chanel_2"], "did you mean channel_2?"),
        (["accounts", "explain", "pub_none"], "there is no"),
        (["connect", "chanel_2", "--import", "channel_2.json"], "did you mean channel_2?"),
        (["connect", "channel_2", "--import", "none.json"], "none.json cannot be read: No such file"),
        (["init", "--preset", "brief"], "there is no preset 'brief'; use one of default, brief-2025"),
        (
            ["init", "--config", "/dev/null/x/y.toml"],
            "the folder /dev/null/x cannot be made (Not a directory)",
        ),
        (["demo", "--keep", "/dev/null/x"], "/dev/null/x cannot be made: Not a directory"),
        (["init"], "exists already and was left as it is"),
        (["jbos"], "no such command 'jbos'; did you mean 'jobs'? See `ytempire --help`"),
        (["jobs", "lst"], "no such command 'lst'; did you mean 'list'? See `ytempire jobs --help`"),
        (
            ["jobs", "list", "--stat", "held"],
            "(Possible options: --state); see `ytempire jobs list --help`",
        ),
        (["emulator", "--host", "0.0.0.0"], "loopback addresses only"),
        (["emulator", "--profile", "free"], "profile is one of"),
        (["emulator", "--journal", "none/journal.jsonl"], "the journal none/journal.jsonl cannot be written"),
        (["quota", "--config", "none.toml"], "none.toml does not exist; run `ytempire init"),
        (
            ["quota", "--config", "."],
            "is a folder; name the file in it with --config or YTEMPIRE_CONFIG, like ",
        ),
        (["quota", "--config", "/dev/null"], "/dev/null is no ordinary file; name one with --config"),
        (["quota", "--config", "front.mp4"], "it is not UTF-8; name a TOML file that you may read"),
        (["quota", "--home", "front.mp4"], "front.mp4 is a file; name a folder of yours with --home"),
        (
            ["init", "--config", "/proc/y.toml"],
            "cannot be written",
        ),
    ],
)
def test_a_wrong_name_is_one_clear_line(place: Installation, words: list[str], told: str) -> None:
    before = place.config.read_text()

    assert_refused(place.run(*words), told)
    assert before == place.config.read_text()


TOKENS = {
    "service.json": ({"type": "service_account", "private_key": "SECRET"}, "is the key of a service account"),
    "client.json": ({"installed": {"client_id": "x", "client_secret": "SECRET"}}, "is a client secrets file"),
    "short.json": ({"access_token": "SECRET", "client_id": "x"}, "refresh_token: is missing"),
    "list.json": (["SECRET"], "is JSON but not an object"),
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_bad_token_file_is_one_clear_line_without_its_secrets(place: Installation, name: str) -> None:
    content, told = TOKENS[name]
    (place.folder / name).write_text(json.dumps(content))

    ended = place.run("connect", "channel_1", "--import", name)

    assert_refused(ended, f"{name}: {told}")
    assert "SECRET" not in ended.err


def test_a_token_file_that_is_no_json_is_one_clear_line(place: Installation) -> None:
    (place.folder / "token.txt").write_text("SECRET")

    ended = place.run("connect", "channel_1", "--import", "token.txt")

    assert_refused(ended, "token.txt: is not JSON")
    assert "SECRET" not in ended.err


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("YTEMPIRE_WORKER__CONCURRENCY", "many", "YTEMPIRE_WORKER__CONCURRENCY: a whole number is expected"),
        ("YTEMPIRE_WORKER__CONCURENCY", "3", "did you mean concurrency?"),
        ("YTEMPIRE_GOOGEL__API_ROOT", "x", "did you mean google?"),
        ("YTEMPIRE_ACCOUNTS__9__ID", "x", "'9' is not the number of an item"),
        ("YTEMPIRE_DATABASE", "postgresql://user:word@host/", "a section is expected here; its keys are url"),
        ("YTEMPIRE_HOME", "/dev/null/home", "there is no home at /dev/null/home; name the right one"),
        ("YTEMPIRE_HOME", "", "YTEMPIRE_HOME is empty; set it to a folder, or unset it"),
        ("YTEMPIRE_HOME", " ", "the name is empty; name a folder"),
        ("YTEMPIRE_KEY", "short", "YTEMPIRE_KEY"),
    ],
)
def test_a_variable_that_makes_no_sense_is_one_clear_line(
    place: Installation, variable: str, value: str, told: str
) -> None:
    ended = place.run("publish", "good.mp4", variables={variable: value})

    assert_refused(ended, told)
    assert "word" not in ended.err


def _publish_with(place: Installation, name: str, text: str) -> Ended:
    (place.folder / name).write_text(text)
    return place.run("publish", "good.mp4", "--config", name)


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(place: Installation) -> None:
    ended = _publish_with(place, "key.toml", place.config.read_text() + "\n[worker2]\nbeats = 1\n")

    assert_refused(ended, "worker2: there is no such key; did you mean worker?")


def test_every_wrong_key_is_told_at_once(place: Installation) -> None:
    text = place.config.read_text().replace("beat_seconds = 0.05", 'beat_seconds = 0\nconcurrency = "x"')

    assert_refused(_publish_with(place, "keys.toml", text), "worker.concurrency", "worker.beat_seconds")


def test_a_missing_client_secrets_file_is_one_clear_line(place: Installation) -> None:
    text = place.config.read_text().replace(
        "[projects.main]", '[projects.main]\nclient_secrets = "none.json"'
    )

    assert_refused(
        _publish_with(place, "secrets.toml", text), "none.json does not exist; download the OAuth client"
    )


def test_a_token_file_as_client_secrets_is_one_clear_line(place: Installation) -> None:
    text = place.config.read_text().replace(
        "[projects.main]", '[projects.main]\nclient_secrets = "channel_1.json"'
    )

    assert_refused(_publish_with(place, "swapped.toml", text), "is a token file")


def test_a_wrong_key_file_is_one_clear_line(place: Installation) -> None:
    other = Installation(place.folder / "other")
    other.folder.mkdir()
    assert 0 == other.run("init").code
    key = (other.home / "keys" / "ring.json").read_text()
    wrong = place.home / "keys" / "wrong.json"
    wrong.write_text(key)
    wrong.chmod(0o600)

    ended = _publish_with(
        place, "wrong.toml", place.config.read_text() + '\n[vault]\nkey_file = "keys/wrong.json"\n'
    )

    assert_refused(ended, "key")


def test_a_missing_key_file_is_one_clear_line(place: Installation) -> None:
    ended = _publish_with(
        place, "gone.toml", place.config.read_text() + '\n[vault]\nkey_file = "keys/gone.json"\n'
    )

    assert_refused(ended, "keys/gone.json")


def test_a_port_in_use_is_one_clear_line(place: Installation, world: Emulator) -> None:
    port = world.base_url.rpartition(":")[2]

    assert_refused(
        place.run("emulator", "--port", port), "Address already in use; choose another with --port"
    )


@pytest.mark.parametrize("words", [("jobs", "show"), ("jobs", "cancel"), ("accounts", "explain")])
def test_a_word_in_another_coding_is_one_clear_line(place: Installation, words: tuple[str, ...]) -> None:
    assert_refused(place.run(*words, os.fsdecode(b"caf\xe9")), "there is no ")


def test_a_damaged_database_is_one_clear_line(place: Installation) -> None:
    (place.folder / "elsewhere").mkdir()
    (place.folder / "elsewhere" / "ytempire.sqlite").write_text("garbage " * 100)

    ended = place.run("jobs", "list", "--home", "elsewhere")

    assert_refused(ended, "is not a database; move it away or restore a backup")


def test_a_key_that_others_may_read_is_one_clear_line(place: Installation) -> None:
    key = place.home / "keys" / "ring.json"
    key.chmod(0o644)
    try:
        ended = place.run("publish", "good.mp4")
    finally:
        key.chmod(0o600)

    assert_refused(ended, "has mode 0644, which lets others at the key; run: chmod 600")
