"""Every answer Google gives that is not a success, and the remedy the table finds for it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from ytempire.domain.faults import (
    HARD_STOP,
    NO_LOCATION,
    SESSION_LOST,
    STOPPED,
    TABLE,
    UNPROVEN,
    Fault,
    Level,
    Remedy,
    Scope,
    read,
    said,
)
from ytempire.domain.wire import NoReply, Reply

DAILY = (
    "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:1'."
)
PER_MINUTE = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service."


def answered(status: int, reason: str, message: str = "", *, domain: str = "global", **headers: str) -> Reply:
    """An error in the shape of the YouTube Data API."""
    listed = [{"domain": domain, "reason": reason, "message": message}]
    return a_reply(status, {"error": {"code": status, "message": message, "errors": listed}}, **headers)


def a_reply(status: int, document: Any, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, json.dumps(document).encode())


REMEDIES = {
    Remedy.CLOSE_BUCKET: "403 quotaExceeded 403 dailyLimitExceeded",
    Remedy.RETRY: (
        "403 rateLimitExceeded 429 rateLimitExceeded 403 userRateLimitExceeded 429 userRateLimitExceeded "
        "403 servingLimitExceeded 429 servingLimitExceeded 429 RATE_LIMIT_EXCEEDED 404 videoNotFound "
        "404 playlistNotFound 500 internalError 503 backendError 503 notReady 502 badGateway 504 timedOut "
        "408 requestTimeout 412 conditionNotMet 416 requestedRangeNotSatisfiable 428 preconditionRequired "
        "429 tooManyRequests"
    ),
    Remedy.PARK_CHANNEL: "400 uploadLimitExceeded",
    Remedy.PARK_EXTRA: "429 uploadRateLimitExceeded",
    Remedy.SKIP_EXTRA: (
        "400 invalidImage 403 playlistContainsMaximumNumberOfVideos "
        "403 playlistItemsNotAccessible 400 invalidContentDetails 400 invalidPlaylistItemPosition "
        "400 invalidResourceType 400 manualSortRequired 400 videoAlreadyInAnotherSeriesPlaylist "
        "400 channelIdRequired 400 playlistIdRequired 400 resourceIdRequired "
        "400 playlistOperationUnsupported 400 contentRequired 400 invalidMetadata 400 nameTooLong"
    ),
    Remedy.REFRESH: (
        "401 authError 401 expired 401 required 401 authorizationRequired 401 forbidden 401 unheardOf"
    ),
    Remedy.REAUTHORISE: "403 insufficientPermissions 403 ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    Remedy.DISABLE_ACCOUNT: (
        "401 youtubeSignupRequired 403 authenticatedUserAccountSuspended 403 authenticatedUserAccountClosed "
        "403 channelSuspended 403 channelClosed 403 channelNotFound 403 authenticatedUserNotChannel "
        "403 accountSuspended 403 accountClosed"
    ),
    Remedy.CONFIGURE: (
        "403 accountDelegationForbidden 403 cmsUserAccountNotFound 403 insufficientCapabilities "
        "404 contentOwnerAccountNotFound 403 accessNotConfigured 403 SERVICE_DISABLED 400 keyInvalid "
        "400 keyExpired"
    ),
    Remedy.REFUSE: (
        "400 invalidTitle 400 invalidDescription 400 invalidTags 400 invalidCategoryId 400 invalidPublishAt "
        "400 invalidRecordingDetails 400 invalidVideoGameRating 400 invalidVideoMetadata 400 invalidFilename "
        "400 defaultLanguageNotSet 400 mediaBodyRequired 403 forbiddenPrivacySetting "
        "403 forbiddenLicenseSetting 403 forbiddenEmbedSetting 400 invalidDefaultBroadcastPrivacySetting "
        "400 invalidPublishScheduleForVideo 413 uploadTooLarge 413 unheardOf 400 duplicateUpload 409 duplicate"
    ),
    Remedy.ALREADY_DONE: "409 videoAlreadyInPlaylist 400 videoAlreadyInPlaylist 409 captionExists",
    Remedy.REVIEW: (
        "403 forbidden 400 invalidCriteria 403 channelForbidden 404 categoryNotFound "
        "400 incompatibleParameters 400 invalidFilters 400 invalidPageToken 400 missingRequiredParameter "
        "400 unexpectedParameter 400 unknownPart 400 unexpectedPart 400 invalidPart 400 invalidLanguage "
        "400 invalidRegionCode 400 badRequest 400 parseError 400 required 400 unheardOf 403 unheardOf "
        "404 unheardOf"
    ),
}
"""The facts' table of reasons (4.2), by what helps, with the statuses they come with."""

PAIRS = [
    pytest.param(int(status), reason, remedy, id=f"{status}-{reason}")
    for remedy, text in REMEDIES.items()
    for status, reason in zip(text.split()[::2], text.split()[1::2], strict=True)
]


@pytest.mark.parametrize(("status", "reason", "remedy"), PAIRS)
def test_every_reason_has_its_remedy(status: int, reason: str, remedy: Remedy) -> None:
    assert remedy is read(answered(status, reason, "Google says no.")).remedy


def test_no_reason_of_the_table_is_left_untested() -> None:
    tested = {word for text in REMEDIES.values() for word in text.split()[1::2]}

    assert set() == {reason for row in TABLE for reason in row.reasons} - tested


def test_no_reason_stands_in_two_rows() -> None:
    reasons = [reason for row in TABLE for reason in row.reasons]

    assert len(set(reasons)) == len(reasons)


def test_reasons_that_are_known_never_come_out_as_unknown() -> None:
    for row in TABLE:
        for reason in row.reasons:
            assert not read(answered(403, reason)).code.startswith("unknown")


@pytest.mark.parametrize(
    ("status", "reason", "code", "scope", "level", "tries"),
    [
        (403, "quotaExceeded", "quotaExceeded", Scope.BUCKET, Level.CRITICAL, 0),
        (400, "uploadLimitExceeded", "uploadLimitExceeded", Scope.ACCOUNT, Level.WARNING, 0),
        (403, "rateLimitExceeded", "rateLimitExceeded", Scope.SERVICE, Level.INFO, 5),
        (429, "unheardOf", "rateLimitExceeded", Scope.SERVICE, Level.INFO, 5),
        (401, "authError", "authError", Scope.ACCOUNT, Level.HIGH, 1),
        (401, "required", "authError", Scope.ACCOUNT, Level.HIGH, 1),
        (400, "duplicateUpload", "duplicateUpload", Scope.REQUEST, Level.INFO, 0),
        (401, "youtubeSignupRequired", "accountUnusable", Scope.ACCOUNT, Level.CRITICAL, 0),
        (503, "backendError", "backendError", Scope.SERVICE, Level.INFO, 10),
        (416, "unheardOf", "outOfStep", Scope.REQUEST, Level.WARNING, 3),
        (404, "videoNotFound", "videoNotFound", Scope.REQUEST, Level.WARNING, 5),
        (404, "playlistNotFound", "playlistNotFound", Scope.REQUEST, Level.WARNING, 5),
        (403, "accessNotConfigured", "notConfigured", Scope.PROJECT, Level.CRITICAL, 0),
        (308, "", "noProgress", Scope.SERVICE, Level.INFO, 5),
        (413, "unheardOf", "invalidMetadata", Scope.REQUEST, Level.WARNING, 0),
        (418, "unheardOf", "unknown:418:unheardOf", Scope.REQUEST, Level.HIGH, 0),
    ],
)
def test_a_fault_says_whose_it_is_how_loud_and_how_often_to_try(
    status: int, reason: str, code: str, scope: Scope, level: Level, tries: int
) -> None:
    fault = read(answered(status, reason))

    assert (code, scope, level, tries) == (fault.code, fault.scope, fault.level, fault.tries)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    "reason", ["rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "RATE_LIMIT_EXCEEDED"]
)
def test_a_limit_per_day_closes_the_bucket_and_one_per_minute_is_a_burst(status: int, reason: str) -> None:
    closed = Fault("quotaExceeded", Remedy.CLOSE_BUCKET, Scope.BUCKET, Level.CRITICAL, detail=DAILY)

    assert closed == read(answered(status, reason, DAILY))
    assert Remedy.RETRY is read(answered(status, reason, PER_MINUTE)).remedy


def test_a_429_without_a_reason_is_told_apart_by_its_words_too() -> None:
    assert Remedy.CLOSE_BUCKET is read(a_reply(429, {"error": {"message": DAILY}})).remedy
    assert Remedy.RETRY is read(a_reply(429, {"error": {"message": PER_MINUTE}})).remedy
    assert Remedy.RETRY is read(Reply(429)).remedy


@pytest.mark.parametrize(
    ("status", "reason", "remedy"),
    [
        (429, "uploadRateLimitExceeded", Remedy.PARK_EXTRA),
        (400, "uploadLimitExceeded", Remedy.PARK_CHANNEL),
        (400, "invalidTitle", Remedy.REFUSE),
        (403, "unheardOf", Remedy.REVIEW),
    ],
)
def test_a_limit_of_the_channel_per_day_never_closes_the_project(
    status: int, reason: str, remedy: Remedy
) -> None:
    assert remedy is read(answered(status, reason, "Only so many videos per day.")).remedy


def test_the_wish_of_a_server_in_trouble_is_passed_on() -> None:
    assert "7" == read(answered(503, "backendError", retry_after="7")).retry_after
    assert "7" == read(answered(403, "rateLimitExceeded", retry_after="7")).retry_after
    assert None is read(answered(503, "backendError")).retry_after


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {
                "error": {
                    "code": 403,
                    "message": "Spent.",
                    "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded", "message": "…"}],
                }
            },
            ("quotaExceeded", "Spent."),
        ),
        (
            {"error": {"message": "Scope.", "details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}},
            ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Scope."),
        ),
        (
            {"error": {"message": "Both.", "errors": [{"reason": "first"}], "details": [{"reason": "x"}]}},
            ("first", "Both."),
        ),
        (
            {
                "error": {
                    "message": "Late.",
                    "errors": ["odd", {"reason": ""}, {"reason": 7}, {"reason": "b"}],
                }
            },
            ("b", "Late."),
        ),
        ({"error": {"message": "Bare."}}, ("", "Bare.")),
        ({"error": {"message": 7, "errors": {"reason": "no list"}}}, ("", "")),
        ({"error": "invalid_grant", "error_description": "Token has been revoked."}, ("", "")),
        ({"error": None}, ("", "")),
        ({}, ("", "")),
        (["error"], ("", "")),
    ],
)
def test_reason_and_sentence_are_found_in_any_shape_of_body(document: Any, expected: tuple[str, str]) -> None:
    found = said(a_reply(400, document))

    assert expected == (found.reason, found.message)


def test_a_reason_with_a_remedy_counts_before_a_vague_one() -> None:
    listed = [{"reason": "forbidden", "domain": "global"}]
    detailed = [{"reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]
    both = a_reply(403, {"error": {"message": "No.", "errors": listed, "details": detailed}})
    vague = a_reply(403, {"error": {"errors": listed, "details": [{"reason": "unheardOf"}]}})

    assert ("notConfigured", "SERVICE_DISABLED", "googleapis.com") == provenance(read(both))
    assert ("forbidden", "forbidden", "global") == provenance(read(vague))


def provenance(fault: Fault) -> tuple[str, str, str]:
    return fault.code, fault.reason, fault.domain


def test_a_fault_remembers_where_and_in_which_words_it_was_met() -> None:
    fault = read(answered(418, "teapot", "No coffee.", domain="kitchen"), "videos.list")

    assert (418, "teapot", "kitchen", "videos.list") == (fault.status, fault.reason, fault.domain, fault.step)
    assert "videos.list" == read(NoReply("reset"), "videos.list").step
    assert fault == read(answered(418, "teapot", "No coffee."))


def test_a_domain_that_is_no_word_is_none_and_no_secret_is_kept_in_one() -> None:
    odd = a_reply(400, {"error": {"errors": [{"reason": "badRequest", "domain": 7}]}})
    loud = a_reply(400, {"error": {"errors": [{"reason": "x", "domain": "code=4/0abc"}]}})

    assert "" == read(odd).domain
    assert "code=..." == read(loud).domain


def test_a_body_that_is_not_json_is_judged_by_its_status() -> None:
    assert Remedy.RETRY is read(Reply(502, {}, b"<html>Bad Gateway</html>")).remedy
    assert "unknown:403:none" == read(Reply(403, {}, b'{"error": {"mess')).code


def test_what_was_said_is_kept_and_cut() -> None:
    assert "Spent." == read(answered(403, "quotaExceeded", "Spent.")).detail
    assert "quotaExceeded" == read(answered(403, "quotaExceeded")).detail
    assert "HTTP 500" == read(Reply(500)).detail
    assert "x" * 300 == read(answered(403, "quotaExceeded", "x" * 5_000)).detail


def test_our_own_doubts_are_tried_a_few_times_and_the_hard_stop_never() -> None:
    assert [5, 5, 5, 5] == [fault.tries for fault in (SESSION_LOST, UNPROVEN, NO_LOCATION, STOPPED)]
    assert {Remedy.RETRY} == {fault.remedy for fault in (SESSION_LOST, UNPROVEN, NO_LOCATION, STOPPED)}
    assert (Remedy.CLOSE_BUCKET, 0) == (HARD_STOP.remedy, HARD_STOP.tries)


def test_silence_is_tried_again() -> None:
    expected = Fault("noReply", Remedy.RETRY, Scope.SERVICE, Level.INFO, 10, "the connection broke")

    assert expected == read(NoReply("the connection broke"))
    assert "y" * 300 == read(NoReply("y" * 5_000)).detail


NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "errors": json_values("reason", "message"),
        "details": json_values("reason"),
        "message": json_values(),
    },
)
"""What is nearly an error of Google's."""

BODIES = (json_values("error") | NEARLY.map(lambda error: {"error": error})).map(
    lambda value: json.dumps(value).encode()
)


@given(st.integers(0, 999), st.binary() | BODIES, st.dictionaries(st.just("retry-after"), st.text()))
def test_no_answer_breaks_the_reading(status: int, body: bytes, headers: dict[str, str]) -> None:
    fault = read(Reply(status, headers, body))

    assert fault.code
    assert fault.detail
    assert fault.tries > 0 or fault.remedy is not Remedy.RETRY
    assert len(fault.detail.encode()) <= 1_200


def test_a_reason_that_is_no_word_is_cut() -> None:
    assert f"unknown:400:{'r' * 100}" == read(answered(400, "r" * 5_000)).code


def test_half_a_character_is_replaced_so_that_it_can_be_stored() -> None:
    assert "half ?" == read(answered(400, "badRequest", "half \ud83d")).detail
    assert "unknown:400:?" == read(answered(400, "\ud83d")).code


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"error": {"message": "\\ud800"}}', b"\xff\xfe", b"9" * 9_999]
)
def test_no_hostile_body_breaks_the_reading(body: bytes) -> None:
    assert Remedy.REVIEW is read(Reply(400, {}, body)).remedy
