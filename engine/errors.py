"""Errors that know their HTTP status, a stable code and a sentence for the person who reads it."""

from typing import Any


class MaskloopError(Exception):
    """An expected failure. Services raise it; the API turns it into `{code, message, details}`."""

    status = 400
    code = "bad_request"
    message = "The request could not be understood."
    retry_after = 0  #: seconds after which trying again makes sense; 0 says nothing

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or self.message
        self.details = details
        super().__init__(self.message)


class BadCredentials(MaskloopError):
    status = 401
    code = "bad_credentials"
    message = "The user name or the password is wrong."


class NotAllowed(MaskloopError):
    status = 403
    code = "not_allowed"
    message = "Your role in this project does not allow that."


class NotFound(MaskloopError):
    status = 404
    code = "not_found"
    message = "There is nothing here, or it is not yours to see."


class WrongState(MaskloopError):
    status = 409
    code = "wrong_state"
    message = "This is not possible in its present state. Reload to see what changed."


class GateRefuses(WrongState):
    code = "gate_refuses"
    message = "This checkpoint has not passed the gate."


class LostTheRace(MaskloopError):
    status = 409
    code = "lost_the_race"
    message = "Somebody else changed this a moment ago. Reload to see what changed."


class LeaseLost(MaskloopError):
    status = 409
    code = "lease_lost"
    message = "You no longer hold this. Everything that was saved is safe; claim it again to go on."


class HeldByOther(MaskloopError):
    status = 409
    code = "held_by_other"
    message = "Somebody else is working on this."


class OpenInAnotherTab(MaskloopError):
    status = 409
    code = "open_in_another_tab"
    message = "You have this open in another tab. Take it over here to go on in this one."


class RevisionChanged(MaskloopError):
    status = 412
    code = "revision_changed"
    message = "The masks changed since you looked. Reload them and try again."


class RunInProgress(MaskloopError):
    status = 409
    code = "run_in_progress"
    message = "This is being done already. Stop it or wait until it is done."


class InvalidInput(MaskloopError):
    status = 400
    code = "invalid"
    message = "Something in the request is not valid."


class InvalidMask(InvalidInput):
    code = "invalid_mask"
    message = "The mask does not fit its frame."


class InvalidPrompt(InvalidInput):
    code = "invalid_prompt"
    message = "The prompt does not fit its frame."


class TooLarge(MaskloopError):
    status = 413
    code = "too_large"
    message = "The request is too large. Send it in several."


class NoRoomLeft(TooLarge):
    code = "no_room_left"
    message = "This project has used up its room. Remove what failed, or ask whoever runs this installation for more."


class TooManyVideos(MaskloopError):
    status = 409
    code = "too_many_videos"
    message = "This project may have no more videos. Ask whoever runs this installation for more."


class AlreadyHere(MaskloopError):
    """`video` among the details says which, `in_bin` that it was removed."""

    status = 409
    code = "already_here"
    message = "The project has this file already."


class ObjectDamaged(MaskloopError):
    """`key` among the details says which, where one object is meant."""

    status = 409
    code = "object_damaged"
    message = "A stored object is missing or damaged. Ask whoever runs this installation to check the store."


class RowMalformed(MaskloopError):
    status = 409
    code = "row_malformed"
    message = "What is stored of this cannot be read. Ask whoever runs this installation to look at it."


class DatabaseUnavailable(MaskloopError):
    status = 503
    code = "database_unavailable"
    retry_after = 5
    message = "The database does not answer in time. Nothing was lost; try again in a moment."


class TooMany(MaskloopError):
    status = 429
    code = "too_many_requests"
    message = "Too many requests at once. Try again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class TooManyRuns(TooMany):
    code = "too_many_runs"
    message = "This project has as many runs under way as it may. Wait until some have ended."


class KeyReused(MaskloopError):
    status = 422
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for a different request. Use a new key for each action."


class StorageUnavailable(MaskloopError):
    status = 503
    code = "storage_unavailable"
    retry_after = 5
    message = "The object store does not answer. Nothing was lost; try again in a moment."
