"""Ids of what the engine makes: derived from what they belong to, so that planning twice makes nothing twice."""

from __future__ import annotations

from ..core.model_context.transcript import AGAIN
from ..protocol import CallId, ConfirmationId, MessageId, RunId


def answer_id(run_id: RunId, step: int, attempt: int) -> MessageId:
    """The message that one model call streams into."""
    return MessageId(f"{run_id}.s{step}.a{attempt}")


def call_id(answer: MessageId, number: int) -> CallId:
    """The `number`-th call of an answer, counting from 1."""
    return CallId(f"{answer}.c{number}")


def confirmation_id(call: CallId) -> ConfirmationId:
    """What people are asked before a call."""
    return ConfirmationId(f"{call}.q")


def again_question_id(call: CallId) -> ConfirmationId:
    """What people are asked when it is not known how a call ended."""
    return ConfirmationId(f"{call}{AGAIN}")


def again_call_id(call: CallId) -> CallId:
    """The call that does once more what another one may or may not have done."""
    return CallId(f"{call}{AGAIN}")
