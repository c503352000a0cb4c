"""Where a message may go: a table of addresses and spellings that lead inside, and of those that do not."""

import pytest

from ytempire.domain.reach import is_inside, refused_address, refused_url

OUTSIDE = ("93.184.215.14", "8.8.8.8", "1.1.1.1", "172.32.0.1", "192.167.255.255", "11.0.0.1", "2606:4700::1111",
           "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808")  # fmt: skip
INSIDE = ("127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
          "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.255", "::1", "fc00::1", "fd12:3456::1",
          "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:192.168.1.1", "64:ff9b::7f00:1",
          "64:ff9b::a00:1")  # fmt: skip
NOWHERE = ("0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
           "255.255.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
           "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "100::1", "3fff::1", "5f00::1",
           "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
           "::7f00:1", "::a9fe:a9fe", "2001::5ef5:79fd:1", "no address", "")  # fmt: skip
SECRETS = ("100.100.100.200", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "::ffff:100.100.100.200",
           "64:ff9b::6464:64c8")  # fmt: skip
TUNNELS = ("2002:7f00:1::", "2002:a9fe:a9fe::", "2002:a00:1::")
"""6to4 addresses that lead to 127.0.0.1, 169.254.169.254 and 10.0.0.1."""


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_on_the_internet_may_be_spoken_to(address: str) -> None:
    assert refused_address(address, private=False) is None
    assert refused_address(address, private=True) is None
    assert not is_inside(address)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_needs_leave(address: str) -> None:
    assert f"{address} is an address of this machine or of a private network" == refused_address(
        address, private=False
    )
    assert refused_address(address, private=True) is None
    assert is_inside(address)


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_that_nobody_has_is_never_spoken_to(address: str) -> None:
    assert refused_address(address, private=False) is not None
    assert refused_address(address, private=True) is not None


@pytest.mark.parametrize("address", SECRETS)
def test_where_a_cloud_keeps_its_secrets_is_never_spoken_to_though_it_is_private(address: str) -> None:
    expected = f"{address} is where a cloud keeps its secrets"

    assert expected == refused_address(address, private=False)
    assert expected == refused_address(address, private=True)


@pytest.mark.parametrize("address", TUNNELS)
def test_a_tunnel_that_ends_inside_is_no_way_in(address: str) -> None:
    assert refused_address(address, private=False) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org/hook?token=a",
        "https://example.org:8443/hook",
        "https://xn--bcher-kva.example/hook",
        "https://[2606:4700::1111]/hook",
        "https://93.184.215.14/hook",
    ],
)
def test_an_address_on_the_web_may_be_used(url: str) -> None:
    assert refused_url(url, private=False) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/hook", "it is not https; use https, or set allow_private for"),
        ("ftp://example.org/hook", "it is not a web address"),
        ("file:///etc/passwd", "it is not a web address"),
        ("gopher://127.0.0.1:25/", "it is not a web address"),
        ("hooks.test/hook", "it is not a web address"),
        ("https://?", "it is not a web address"),
        ("https:///hook", "it is not a web address"),
        ("https://example.org:0/", "it is not a web address"),
        ("https://example.org:99999/", "it is not a web address"),
        ("https://[::1/", "it is not a web address"),
        ("", "it is not a web address"),
        ("https://user:word@example.org/", "it holds a name or a password"),
        ("https://example.org@127.0.0.1/", "it holds a name or a password"),
        ("https://@example.org/", "it holds a name or a password"),
        ("https://example.org/#here", "it has a fragment"),
        ("https://example.org/#", "it has a fragment"),
        ("https://bücher.example/", "write it in plain ASCII"),
        ("https://①②⑦.0.0.1/", "write it in plain ASCII"),
        ("https://example.org/a b", "write it in plain ASCII"),
        ("https://example.org\\@127.0.0.1/", "write it in plain ASCII"),
        ("https://example.org/\r\nX: y", "write it in plain ASCII"),
        ("https://example.org/\x00", "write it in plain ASCII"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str, why: str) -> None:
    told = refused_url(url, private=False) or ""

    assert told.startswith(why)
    assert url == "" or url not in told


def test_a_receiver_on_the_own_network_may_speak_http() -> None:
    assert refused_url("http://receiver.local:8080/hook", private=True) is None
