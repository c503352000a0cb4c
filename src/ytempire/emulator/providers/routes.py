"""All provider endpoints, and where a client of each finds its root."""

from starlette.routing import Route

from ytempire.emulator.providers.anthropic import anthropic_routes
from ytempire.emulator.providers.elevenlabs import elevenlabs_routes
from ytempire.emulator.providers.google_tts import google_tts_routes
from ytempire.emulator.providers.openai import openai_routes
from ytempire.emulator.providers.polly import polly_routes
from ytempire.emulator.providers.stripe import stripe_routes
from ytempire.emulator.world import World


def provider_routes(world: World) -> list[Route]:
    """The routes of every provider."""
    return [
        *openai_routes(world),
        *anthropic_routes(world),
        *elevenlabs_routes(world),
        *google_tts_routes(world),
        *polly_routes(world),
        *stripe_routes(world),
    ]
