/**
 * Who may do what, exactly as `jupyter_copilot/core/policy.py` has it: the server decides, and the page offers nothing that
 * is refused. Both run the vectors in `tests/vectors/policy.json`.
 */
import type { Actor, Command, Grant, Right, RoomState } from '../protocol';
import { byItself } from './permissions/by-itself';

/**
 * What keeps an actor from a command: a right that it lacks, that it asked itself, what it is, or that one of several
 * decisions has to be made by itself.
 */
export type Bar = Right | 'opener' | 'kernel' | 'guest' | 'kind' | 'alone';

const KERNEL_COMMANDS: ReadonlySet<Command['type']> = new Set([
  'post_message',
  'open_confirmation',
  'withdraw_confirmation'
]);

const GUEST_COMMANDS: ReadonlySet<Command['type']> = new Set(['request_calls', 'withdraw_request']);

const CLAIM_COMMANDS: ReadonlySet<Command['type']> = new Set([
  'claim_call',
  'renew_claim',
  'release_claim',
  'report_output',
  'report_call'
]);
/** What widens what happens, or says what did: it takes the right to decide besides. */
const WIDENING_COMMANDS: ReadonlySet<Command['type']> = new Set([
  'decide',
  'decide_all',
  'set_mode',
  'grant_rule',
  'retry_run',
  'admit_guest',
  ...CLAIM_COMMANDS
]);

/** The parts of the state that a command may be about. */
export type Asked = Pick<RoomState, 'calls' | 'confirmations'>;

/** What keeps this actor from giving this command; null when it may. */
export function bar(
  state: Asked,
  command: Command,
  actor: Pick<Actor, 'kind' | 'id'>,
  rights: readonly Right[]
): Bar | null {
  if (command.type === 'decide_all') {
    // Who may not make one of the decisions makes none of them.
    const bars = command.decisions.map(each => bar(state, each, actor, rights));
    const isAlone = command.decisions.some(each => byItself(state, each) !== null);
    return bars.find(each => each !== null) ?? (isAlone ? 'alone' : null);
  }
  switch (actor.kind) {
    case 'kernel':
      return KERNEL_COMMANDS.has(command.type) ? null : 'kernel';
    case 'guest':
      return GUEST_COMMANDS.has(command.type) ? null : 'guest';
    case 'server':
      return null;
    case 'agent':
      return 'kind';
    case 'person': {
      if (GUEST_COMMANDS.has(command.type)) {
        return 'kind';
      }
      const needed = neededRight(state, command);
      if (!rights.includes(needed)) {
        return needed;
      }
      if (WIDENING_COMMANDS.has(command.type) && !rights.includes('decide')) {
        return 'decide';
      }
      return isOwnQuestion(state, command, actor) ? 'opener' : null;
    }
  }
}

/** Whether this decides what the actor asked and may not decide itself. */
function isOwnQuestion(
  { confirmations }: Asked,
  command: Command,
  actor: Pick<Actor, 'kind' | 'id'>
): boolean {
  const opened = command.type === 'decide' ? confirmations[command.confirmation_id] : undefined;
  const { kind, id } = opened?.opened_by ?? {};
  return opened?.policy.not_opener === true && kind === actor.kind && id === actor.id;
}

function neededRight({ calls, confirmations }: Asked, command: Command): Right {
  if (command.type === 'decide') {
    const needed = confirmations[command.confirmation_id]?.policy.right ?? 'write';
    return needed === 'execute' || !command.grant ? needed : rightToGrant(command.grant);
  }
  if (command.type === 'grant_rule') {
    return rightToGrant(command.grant);
  }
  if (command.type === 'set_mode') {
    return command.mode === 'auto' ? 'execute' : 'write';
  }
  const call = isClaim(command) ? calls[command.call_id] : undefined;
  return call?.effect === 'execute' ? 'execute' : 'write';
}

/** What could let something run takes the right to execute. */
function rightToGrant({ scope }: Grant): Right {
  return scope.effect === 'read' || scope.effect === 'edit' ? 'write' : 'execute';
}

function isClaim(command: Command): command is Extract<Command, { fence: number }> {
  return CLAIM_COMMANDS.has(command.type);
}
