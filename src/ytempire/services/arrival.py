"""All bytes of a video have arrived and its id is known: from uploading, or from a hold, to processing."""

from dataclasses import replace

from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import Step, take
from ytempire.domain.publication import WRONG_CHANNEL, Publication, Reason, SessionState
from ytempire.domain.values import ChannelId, VideoId
from ytempire.ports import Outcome, Settlement
from ytempire.services.context import Context
from ytempire.services.settle import ended, told


def arrived(
    context: Context,
    publication: Publication,
    video_id: VideoId,
    channel: object = None,
    expected: ChannelId | None = None,
    kind: Kind = Kind.UPLOADED,
    by: str | None = None,
) -> Settlement:
    """The settlement of a video that exists; a hold when it exists on another channel than the account's.

    `by`: who said so, if a person did.
    """
    now = context.clock.now()
    session = publication.session
    done = replace(session, state=SessionState.DONE, offset=session.size) if session else None
    known = replace(publication, video_id=video_id, session=done, uploaded_at=now, updated_at=now)
    if expected is not None and isinstance(channel, str) and channel != expected:
        message = f"the video {video_id} landed on channel {channel}, not on {expected}"
        reason = Reason(WRONG_CHANNEL, message, ("delete the video at YouTube", "reconnect", "cancel"))
        event = told(known, Kind.HELD, now, {"code": reason.code, "why": message}, Level.CRITICAL)
        return ended(known, Step.HOLD, event, reason)
    step = Step.ADOPT if publication.state == "held" else Step.UPLOADED
    extras = bool(known.pending_extras())
    after = replace(
        known,
        state=take(publication.state, step),
        reason=None,
        failures=0,
        # The pass that brought it goes on with its extras, and nobody else may try them beside it.
        passes=1 if extras and step is Step.UPLOADED else 0,
        due=now if extras else None,
        look_at=None if extras else now + context.manners.poll,
    )
    who = {} if by is None else {"by": by}
    event = told(after, kind, now, {"video_id": video_id, "bytes": publication.request.video.size, **who})
    outcome = Outcome(publication.account, True, now) if publication.account else None
    return Settlement(after, (event,), outcome=outcome)
