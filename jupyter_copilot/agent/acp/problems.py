"""How a run ends that an agent could not finish: what people are told, and what to do next."""

from __future__ import annotations

from ...protocol import Problem
from .configuration import AgentConfig


class AgentFailed(Exception):
    """The run ends with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _failed(code: str, message: str, hint: str) -> AgentFailed:
    return AgentFailed(Problem(code=code, message=message, hint=hint))


def not_found(agent: AgentConfig, why: str) -> AgentFailed:
    """Its program is missing, or ends at once."""
    install = f" Install it where Jupyter runs: {agent.install}" if agent.install else ""
    return _failed("agent_not_found", f"{agent.name} cannot be started: {why.rstrip('.')}.", f"{install}".strip())


def not_started(agent: AgentConfig, why: str) -> AgentFailed:
    """It did not get ready."""
    return _failed("agent_start", f"{agent.name} did not start: {why.rstrip('.')}.", "Try again.")


def wants_sign_in(agent: AgentConfig, said: str) -> AgentFailed:
    """It wants its user to sign in, which is done outside of the room."""
    how = f"Sign in where Jupyter runs, in a terminal: {agent.login}" if agent.login else "Sign in where Jupyter runs."
    told = f" It says: {said}" if said else ""
    return _failed("agent_auth", f"{agent.name} is not signed in.{told}", how)


def does_not_ask(agent: AgentConfig, modes: list[str]) -> AgentFailed:
    """It has no mode in which it is known to ask."""
    offered = f" It offers: {', '.join(modes)}." if modes else ""
    return _failed(
        "agent_mode",
        f"{agent.name} has no mode in which it asks before it acts, so it was not started.{offered}",
        "An administrator can name the mode in c.CopilotApp.acp_agents.",
    )


def changed_mode(agent: AgentConfig, mode: str) -> AgentFailed:
    """It gave itself another mode."""
    return _failed(
        "agent_mode_changed",
        f"{agent.name} changed to its mode “{mode}” by itself, in which it may not ask. It was stopped.",
        "Try again.",
    )


def wrote_notebook(agent: AgentConfig) -> AgentFailed:
    """It changed the notebook's file without asking."""
    return _failed(
        "agent_wrote_notebook",
        f"{agent.name} went for the file of a notebook that people have open, without asking. It was stopped.",
        "Look at the notebook's file before you save over it.",
    )


def died(agent: AgentConfig, errors: str) -> AgentFailed:
    """Its process ended in the middle."""
    said = f" It said: {errors}" if errors else ""
    return _failed("agent_died", f"{agent.name} ended while it worked.{said}", "Try again: it goes on where it was.")


def interrupted(agent: AgentConfig) -> AgentFailed:
    """The server ended while it worked."""
    return _failed("agent_interrupted", f"The server stopped while {agent.name} worked.", "Try again.")


def answered_by_error(agent: AgentConfig, said: str) -> AgentFailed:
    """It answered a prompt by an error."""
    return _failed("agent_error", f"{agent.name} could not go on: {said.rstrip('.')}.", "Try again.")


def too_many(most: int) -> AgentFailed:
    """So many agents work already."""
    return _failed("agent_limit", f"{most} agents work on this server already.", "Try again when one is done.")


def not_allowed(agent: AgentConfig) -> AgentFailed:
    """People did not let it use files and a shell."""
    return _failed("agent_not_allowed", f"{agent.name} was not let to use files and a shell.", "Ask another agent.")


def stopped_early(agent: AgentConfig, reason: str) -> AgentFailed | None:
    """What is told of an answer that ended for this reason; None where it is whole."""
    words = {
        "max_tokens": ("has no tokens left for its answer", "Ask it to go on."),
        "max_turn_requests": ("made as many requests as it may", "Ask it to go on."),
        "refusal": ("refused to go on", "Ask for something else."),
    }
    if reason not in words:
        return None
    what, hint = words[reason]
    return _failed(reason, f"{agent.name} {what}.", hint)
