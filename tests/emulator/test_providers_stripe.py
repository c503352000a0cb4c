"""The official client of Stripe against the emulator."""

import pytest
import stripe

from ytempire.emulator import Emulator


def client_with(emulator: Emulator, key: str) -> stripe.StripeClient:
    root = emulator.provider_root("stripe")
    return stripe.StripeClient(key, base_addresses={"api": root}, max_network_retries=0)


def test_the_balance_is_there(emulator: Emulator) -> None:
    balance = client_with(emulator, emulator.provider_keys.stripe).v1.balance.retrieve()

    assert "balance" == balance.object
    assert "usd" == balance.available[0].currency
    assert balance.livemode is False


def test_another_key_is_refused(emulator: Emulator) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client_with(emulator, "sk_test_wrong").v1.balance.retrieve()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("invalid_api_key", stripe.AuthenticationError),
        ("more_permissions_required", stripe.PermissionError),
        ("rate_limit", stripe.RateLimitError),
        ("api_error", stripe.APIError),
        ("unavailable", stripe.APIError),
    ],
)
def test_each_refusal_is_the_clients_own_error(
    emulator: Emulator, reason: str, error: type[stripe.StripeError]
) -> None:
    emulator.add_fault("stripe.balance", "status", reason=reason)

    with pytest.raises(error):
        client_with(emulator, emulator.provider_keys.stripe).v1.balance.retrieve()
