"""The configuration as a value: defaults, the environment over the file, and what cannot be."""

from pathlib import Path

import pytest

from ytempire.settings import BadSettings, Settings, load

FILE = """
[projects.Main]
[[accounts]]
id = "one"
project = "Main"
"""


def loaded(folder: Path, text: str = FILE, **variables: str) -> Settings:
    (folder / "ytempire.toml").write_text(text)
    return load(folder / "ytempire.toml", folder / "home", variables)


def test_what_is_not_written_has_its_default(tmp_path: Path) -> None:
    settings = loaded(tmp_path)

    assert "https://youtube.googleapis.com/" == settings.google.api_root
    assert ("production", 5, 1, ()) == (
        settings.accounts[0].kind,
        settings.accounts[0].daily_uploads,
        settings.accounts[0].concurrent_uploads,
        settings.accounts[0].groups,
    )
    assert (0, 60, 300, 900, 3600) == settings.publishing.reconcile_seconds


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        YTEMPIRE_GOOGLE__API_ROOT="http://127.0.0.1:1/",
        YTEMPIRE_PROJECTS__MAIN__LIMITS__UPLOADS="7",
        YTEMPIRE_PROJECTS__MAIN__INSERTS_CHARGED_TWICE="true",
        YTEMPIRE_ACCOUNTS__0__GROUPS='["news", "sport"]',
        YTEMPIRE_ACCOUNTS__1__ID="two",
        YTEMPIRE_ACCOUNTS__1__PROJECT="Main",
        YTEMPIRE_PUBLISHING__RECONCILE_SECONDS="[1, 2.5]",
    )

    assert "http://127.0.0.1:1/" == settings.google.api_root
    assert {"uploads": 7} == settings.projects["Main"].limits
    assert settings.projects["Main"].inserts_charged_twice
    assert ["one", "two"] == [account.id for account in settings.accounts]
    assert ("news", "sport") == settings.accounts[0].groups
    assert (1.0, 2.5) == settings.publishing.reconcile_seconds


def test_files_are_found_beside_the_configuration_and_in_the_home(tmp_path: Path) -> None:
    settings = loaded(tmp_path)

    assert tmp_path / "client_secrets.json" == settings.beside("client_secrets.json")
    assert tmp_path / "home" / "keys" / "ring.json" == settings.at_home(settings.vault.key_file)


def test_a_choice_that_may_be_left_out_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "ytempire.toml").write_text('[providers.claude]\nquality = "premium"\n')

    settings = load(tmp_path / "ytempire.toml", tmp_path / "home", {})

    assert "premium" == settings.providers["claude"].quality
    assert settings.providers["claude"].model is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[google", "is not valid TOML"),
        ('home = "x"', "home cannot be set in the file"),
        ("google = 1", "google: a section is expected here; its keys are api_root"),
        ('[google]\napi_root = "youtube"', "google.api_root: write an address like https://"),
        ("[google]\nca_file = 1", "google.ca_file: a text is expected"),
        ("[google]\ntimeout_seconds = nan", "google.timeout_seconds: a number is expected"),
        ("[google]\ntimeout_seconds = 0", "google.timeout_seconds: it must be more than 0"),
        (
            '[providers.claude]\nquality = "best"',
            "providers.claude.quality: use one of emergency, basic, standard",
        ),
        ("[providers.claude]\nquality = 1", "providers.claude.quality: use one of emergency"),
        ("[worker]\nconcurrency = 1.5", "worker.concurrency: a whole number is expected"),
        ("[worker]\nconcurrency = true", "worker.concurrency: a whole number is expected"),
        ("[worker]\nconcurrency = 0", "worker.concurrency: it must be at least 1"),
        (
            "[worker]\nconcurrency = 1" + "0" * 400,
            "a whole number of at most 9,007,199,254,740,992 is expected",
        ),
        ("[worker]\nconcurrency = 1" + "0" * 5000, "is not valid TOML"),
        ("[publishing]\nretry_cap_seconds = 1e300", "a number of at most 1,000,000,000 is expected"),
        ("[publishing]\nretry_cap_seconds = inf", "a number of at most 1,000,000,000 is expected"),
        ("x = " + "[" * 5000, "is not valid TOML"),
        ('[vault]\nkey_file = "a\\u0000b"', "it holds a zero byte"),
        ("[publishing]\nreconcile_seconds = []", "the list is empty"),
        ("[publishing]\nreconcile_seconds = 5", "a list is expected here"),
        ("accounts = 5", "accounts: a list is expected here"),
        ("[[accounts]]\nkind = 'reserve'", "accounts.0.id: this key is missing"),
        ("[projects.a]\nlimits = 5", "projects.a.limits: a table of names is expected"),
        ("[projects.a]\nlimits = { uploads = -1 }", "projects.a.limits.uploads: it must be at least 0"),
        ("[projects.a]\ninserts_charged_twice = 'often'", "true or false is expected"),
        ("[projects.a]\nprofile = 'cheap'", "use one of buckets-2026, units-2025-12, units-2025"),
        ("[projects.a]\nprofile = []", "projects.a.profile: use one of"),
        ("[[accounts]]\nid = 'a'\nproject = 'mian'\n[projects.main]", "did you mean main?"),
        ("[[accounts]]\nid = 'a'", "add a section [projects.main]"),
        ("[projects.main]\n" + "[[accounts]]\nid = 'a'\n" * 2, "the id 'a' is used twice"),
        ("[playlists.p]\ntitle = 'P'\nids = { nobody = 'PL1' }", "there is no account 'nobody'"),
        ("[playlists.p]\ntitle = ''", "playlists.p.title: write 1 to 150 characters"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadSettings) as caught:
        loaded(tmp_path, text)

    assert 1 == len(caught.value.problems)
    assert told in caught.value.problems[0]


def test_a_variable_of_a_thousand_brackets_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="YTEMPIRE_ACCOUNTS: a list is expected here"):
        loaded(tmp_path, YTEMPIRE_ACCOUNTS="[" * 100_000)


def test_an_address_with_a_password_is_never_repeated(tmp_path: Path) -> None:
    for text in ("database = 'postgresql://u:word@h/'", "[database]\nurl = ['postgresql://u:word@h/']"):
        with pytest.raises(BadSettings) as caught:
            loaded(tmp_path, text)
        assert "word" not in str(caught.value)
    with pytest.raises(
        BadSettings, match=r"database\.url: write postgresql://user@host/name, or nothing"
    ) as caught:
        loaded(tmp_path, "[database]\nurl = 'postgres://u:word@h/n'")
    assert "word" not in str(caught.value)
    assert "word" not in repr(loaded(tmp_path, "[database]\nurl = 'postgresql://u:word@h/n'"))


def test_a_file_that_is_no_text_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "ytempire.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(BadSettings, match="it is not UTF-8"):
        load(tmp_path / "ytempire.toml", tmp_path, {})
