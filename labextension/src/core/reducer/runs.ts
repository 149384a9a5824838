/** Messages, the runs that answer them, and the steps of runs. */
import type {
  Actor,
  CheckpointKept,
  LogRecord,
  MessagePosted,
  NotebookTold,
  PlanUpdated,
  ReasoningDelta,
  GuestRequest,
  RoomState,
  RunDelayed,
  RunFinished,
  RunJoined,
  RunQueued,
  RunStarted,
  StepAborted,
  StepFinished,
  StepStarted,
  TextDelta,
  Usage
} from '../../protocol';
import { COPILOT_AGENT, ENDLESS, NO_USAGE } from '../state';
import { forgetRun } from './budgets';
import type { Folds } from './folds';
import { mention } from './notices';
import { endRules } from './rules';
import { addItem, updateThread } from './threads';

function messagePosted(state: RoomState, event: MessagePosted, record: LogRecord): void {
  const { message_id, thread_id } = event;
  if (state.messages[message_id] !== undefined || state.threads[thread_id] === undefined) {
    return;
  }
  state.messages[message_id] = {
    status: 'posted',
    message_id,
    thread_id,
    author: record.actor,
    at: record.at,
    text: event.text,
    context: event.context,
    run_ids: [],
    mentions: event.mentions
  };
  addItem(state, thread_id, 'message', message_id);
  mention(state, event, record);
}

function runQueued(state: RoomState, event: RunQueued, record: LogRecord): void {
  const { run_id, thread_id, message_id, model, agent_id } = event;
  const message = state.messages[message_id];
  const thread = state.threads[thread_id];
  if (state.runs[run_id] !== undefined || message?.status !== 'posted' || thread === undefined) {
    return;
  }
  state.messages[message_id] = { ...message, run_ids: [...message.run_ids, run_id] };
  state.runs[run_id] = {
    status: 'queued',
    run_id,
    thread_id,
    message_id,
    asked_by: record.actor,
    queued_at: record.at,
    model,
    agent_id,
    requests: [],
    notebook: null,
    plan: [],
    checkpoint: null,
    rewind: event.rewind,
    joined: [],
    join: event.join
  };
  updateThread(state, thread_id, { queue: [...thread.queue, run_id] });
}

function runJoined(state: RoomState, event: RunJoined, record: LogRecord): void {
  const run = state.runs[event.run_id];
  const into = state.runs[event.into];
  if (run?.status !== 'queued' || into?.status !== 'running' || run.thread_id !== into.thread_id) {
    return;
  }
  const joined = { message_id: run.message_id, step: event.step, by: run.asked_by };
  state.runs[into.run_id] = { ...into, joined: [...into.joined, joined] };
  const queue = state.threads[run.thread_id]?.queue ?? [];
  updateThread(state, run.thread_id, { queue: queue.filter(id => id !== run.run_id) });
  const { join: _, ...fields } = run;
  state.runs[run.run_id] = {
    ...fields,
    status: 'finished',
    agent: null,
    finished_at: record.at,
    outcome: 'success',
    error: null,
    usage: NO_USAGE,
    ended_by: record.actor,
    into: into.run_id
  };
}

function runStarted(state: RoomState, event: RunStarted, record: LogRecord): void {
  const run = state.runs[event.run_id];
  switch (run?.status) {
    case 'queued': {
      const queue = state.threads[run.thread_id]?.queue ?? [];
      updateThread(state, run.thread_id, {
        queue: queue.filter(id => id !== run.run_id),
        active_run_id: run.run_id
      });
      const { join: _, ...fields } = run;
      state.runs[run.run_id] = {
        ...fields,
        status: 'running',
        model: event.model || run.model,
        agent: otherAgent(record.actor),
        started_at: record.at,
        fence: event.fence,
        starts: 1,
        step: 0,
        attempt: 1,
        usage: NO_USAGE,
        delay: null
      };
      return;
    }
    case 'running':
      state.runs[run.run_id] = { ...run, fence: event.fence, starts: run.starts + 1, delay: null };
      return;
    case 'finished':
    case undefined:
      return;
  }
}

/** Who answers, where it is not the copilot under its usual name. */
function otherAgent(actor: Actor): Actor | null {
  const usual = actor.id === COPILOT_AGENT.id && actor.name === COPILOT_AGENT.name;
  return (actor.kind === 'agent' && !usual) || actor.kind === 'guest' ? actor : null;
}

function runDelayed(state: RoomState, event: RunDelayed): void {
  const run = state.runs[event.run_id];
  if (run?.status === 'running') {
    const { problem, attempt, of, retry_at } = event;
    state.runs[run.run_id] = { ...run, delay: { problem, attempt, of, retry_at } };
  }
}

function notebookTold(state: RoomState, event: NotebookTold): void {
  const run = state.runs[event.run_id];
  if (run?.status === 'running') {
    const { text, cells, sources } = event;
    state.runs[run.run_id] = { ...run, notebook: { text, cells, sources } };
  }
}

function planUpdated(state: RoomState, { run_id, entries }: PlanUpdated): void {
  const run = state.runs[run_id];
  if (run?.status === 'running') {
    state.runs[run_id] = { ...run, plan: entries };
  }
}

function checkpointKept(state: RoomState, event: CheckpointKept, { at }: LogRecord): void {
  const run = state.runs[event.run_id];
  if (run?.status === 'running' && run.checkpoint === null) {
    const { digest, bytes } = event;
    state.runs[run.run_id] = { ...run, checkpoint: { digest, bytes, at } };
  }
}

function runFinished(state: RoomState, event: RunFinished, record: LogRecord): void {
  const run = state.runs[event.run_id];
  if (run?.status !== 'queued' && run?.status !== 'running') {
    return;
  }
  const thread = state.threads[run.thread_id];
  updateThread(state, run.thread_id, {
    queue: thread?.queue.filter(id => id !== run.run_id) ?? [],
    active_run_id: thread?.active_run_id === run.run_id ? null : (thread?.active_run_id ?? null)
  });
  state.runs[run.run_id] = {
    status: 'finished',
    run_id: run.run_id,
    thread_id: run.thread_id,
    message_id: run.message_id,
    asked_by: run.asked_by,
    queued_at: run.queued_at,
    model: run.model,
    agent_id: run.agent_id,
    requests: run.requests.map(spent),
    notebook: run.notebook,
    plan: run.plan,
    checkpoint: run.checkpoint,
    rewind: run.rewind,
    joined: run.joined,
    agent: run.status === 'running' ? run.agent : null,
    finished_at: record.at,
    outcome: event.outcome,
    error: event.error,
    usage: run.status === 'running' ? run.usage : NO_USAGE,
    ended_by: record.actor,
    into: null
  };
  endRules(state, rule => rule.run_id === run.run_id);
  forgetRun(state, run.run_id);
  if (run.status === 'running' && thread?.mode_one_answer) {
    updateThread(state, run.thread_id, { mode: 'ask', ...ENDLESS });
  }
  if (event.outcome !== 'success') {
    addItem(state, run.thread_id, 'run', run.run_id);
  }
}

// Steps

function stepStarted(state: RoomState, event: StepStarted, record: LogRecord): void {
  const { message_id, step, attempt } = event;
  const run = state.runs[event.run_id];
  if (run?.status !== 'running' || state.messages[message_id] !== undefined) {
    return;
  }
  // Of a guest: what it asked for stands in the calls from now on.
  const requests = run.requests.map((request, n) => (n < step ? spent(request) : request));
  state.runs[run.run_id] = { ...run, step, attempt, delay: null, requests };
  state.messages[message_id] = {
    status: 'streaming',
    message_id,
    thread_id: run.thread_id,
    run_id: run.run_id,
    step,
    attempt,
    at: record.at,
    text: '',
    reasoning: '',
    first_text_at: null
  };
  addItem(state, run.thread_id, 'message', message_id);
}

/** A request whose calls are needed no more. */
function spent(request: GuestRequest): GuestRequest {
  return request.calls.length === 0 ? request : { ...request, calls: [] };
}

function textDelta(state: RoomState, event: TextDelta, record: LogRecord): void {
  const message = state.messages[event.message_id];
  if (message?.status === 'streaming') {
    const text = message.text + event.text;
    const first_text_at = message.first_text_at ?? record.at;
    state.messages[event.message_id] = { ...message, text, first_text_at };
  }
}

function reasoningDelta(state: RoomState, event: ReasoningDelta): void {
  const message = state.messages[event.message_id];
  if (message?.status === 'streaming') {
    const reasoning = message.reasoning + event.text;
    state.messages[event.message_id] = { ...message, reasoning };
  }
}

function stepFinished(state: RoomState, event: StepFinished, record: LogRecord): void {
  const message = state.messages[event.message_id];
  if (message?.status !== 'streaming') {
    return;
  }
  const { usage, finish_reason, extra, notes, thought } = event;
  const points = thought > 0 ? [...message.text] : [];
  state.messages[event.message_id] = {
    ...message,
    ...(thought > 0 && {
      reasoning: message.reasoning + points.slice(0, thought).join(''),
      text: points.slice(thought).join('')
    }),
    status: 'complete',
    finished_at: record.at,
    usage,
    finish_reason,
    extra,
    notes
  };
  state.usage = addUsage(state.usage, usage);
  const run = state.runs[message.run_id];
  if (run?.status === 'running') {
    state.runs[run.run_id] = { ...run, usage: addUsage(run.usage, usage) };
  }
}

function stepAborted(state: RoomState, event: StepAborted, record: LogRecord): void {
  const message = state.messages[event.message_id];
  if (message?.status === 'streaming') {
    const { first_text_at: _, ...fields } = message;
    state.messages[event.message_id] = {
      ...fields,
      status: 'struck',
      finished_at: record.at,
      reason: event.reason
    };
  }
}

/** The sum of two usages, field by field. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    prompt: a.prompt + b.prompt,
    cached: a.cached + b.cached,
    completion: a.completion + b.completion,
    reasoning: a.reasoning + b.reasoning,
    prefix: a.prefix + b.prefix
  };
}

export const runFolds = {
  message_posted: messagePosted,
  run_queued: runQueued,
  run_joined: runJoined,
  run_started: runStarted,
  run_delayed: runDelayed,
  notebook_told: notebookTold,
  plan_updated: planUpdated,
  checkpoint_kept: checkpointKept,
  run_finished: runFinished,
  step_started: stepStarted,
  text_delta: textDelta,
  reasoning_delta: reasoningDelta,
  step_finished: stepFinished,
  step_aborted: stepAborted
} satisfies Partial<Folds>;
