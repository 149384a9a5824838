/** Which commands, made while there was no connection, no longer mean what the person meant. */
import { RejectedError } from '../protocol/errors';
import type { Command, Confirmation, Decide, RejectCode, RoomState, Run } from '../protocol';

/**
 * Why a command that never reached the server should not be sent any more; null when it should.
 *
 * A decision becomes stale: what it referred to was decided by somebody else, is over, or is not what the person saw.
 * So does another try of a run that then did not fail. Everything else is for the server to judge.
 */
export function staleReason(command: Command, state: RoomState): RejectedError | null {
  switch (command.type) {
    case 'decide':
      return staleDecision(command, state.confirmations[command.confirmation_id]);
    case 'decide_all':
      return (
        command.decisions
          .map(each => staleDecision(each, state.confirmations[each.confirmation_id]))
          .find(stale => stale !== null) ?? null
      );
    case 'retry_run':
      return staleRetry(state.runs[command.run_id]);
    default:
      return null;
  }
}

/** Who did not want to wait for a run wants no new one; the server would begin it. */
function staleRetry(run: Run | undefined): RejectedError | null {
  if (run?.status !== 'finished' || run.outcome === 'failed') {
    return null;
  }
  const ended = run.outcome === 'success' ? 'The run succeeded.' : 'The answer was stopped.';
  const message = `Nothing was tried again: there was no connection when you wanted it. ${ended}`;
  return new RejectedError({ code: 'run_finished', message, retry: 'never' });
}

function staleDecision(command: Decide, found: Confirmation | undefined): RejectedError | null {
  switch (found?.status) {
    case 'open':
      return found.args_hash === command.args_hash
        ? null
        : refused('stale', 'What you decided on has changed since you saw it.');
    case 'decided': {
      const label = found.options.find(option => option.id === found.option)?.label ?? found.option;
      const details = { by: found.by, at: found.at, option: found.option, label };
      return refused('already_decided', `${found.by.name} decided this: ${label}.`, details);
    }
    case 'expired':
      return refused('expired', 'Nobody decided in time, so it counts as denied.');
    case 'withdrawn':
      return refused('withdrawn', `${found.by.name} took this back.`);
    case undefined:
      return refused('not_found', 'This confirmation is no longer there.');
  }
}

function refused(code: RejectCode, message: string, details = {}): RejectedError {
  const full = `Your decision was not sent: there was no connection when you made it. ${message}`;
  return new RejectedError({ code, message: full, retry: 'never', details });
}
