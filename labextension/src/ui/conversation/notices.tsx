import * as React from 'react';

import type { Finished, Problem, Running } from '../../protocol';
import { Mark } from '../calls/call';
import { Button } from '../shared/button';
import { useNow, useServices, useTrans } from '../shared/services';
import { CodeText } from '../shared/linked-text';
import { stepTitle } from './trace';
import type { Quiet } from '../../view-model/conversation/run-blocks';
import { actorName } from '../../view-model/wording';

/** The agent is at work: with what, when that is known. Of the height of one line, whatever it says. */
export function Working({ step }: { step: Quiet | null }): JSX.Element {
  const trans = useTrans();
  const label = trans.__('The copilot is at work');
  return (
    <div className="jp-Copilot-working">
      <span className="jp-Copilot-dots" role="img" aria-label={label} title={label}>
        <i />
        <i />
        <i />
      </span>
      {step && (
        <span className="jp-Copilot-foldText">
          <CodeText text={stepTitle(step, trans)} />
        </span>
      )}
    </div>
  );
}

export interface DelayNoticeProps {
  run: Running;
  canWrite: boolean;
  onRetry: () => void;
}

/** The run waits to try again: why, when, and a way not to wait. */
export function DelayNotice({ run, canWrite, onRetry }: DelayNoticeProps): JSX.Element | null {
  const trans = useTrans();
  const now = useNow(500);
  const delay = run.delay;
  if (delay === null) {
    return null;
  }
  const seconds = Math.max(0, Math.ceil((delay.retry_at - now) / 1000));
  return (
    <Notice
      kind="waiting"
      label={trans.__('waits')}
      mark={<span className="jp-Copilot-dot" />}
      action={
        canWrite && seconds > 0 && delay.of > 0
          ? { label: trans.__('Try now'), onClick: onRetry }
          : undefined
      }
    >
      {delay.problem.message}{' '}
      {delay.of === 0
        ? delay.problem.hint
        : seconds > 0
          ? trans.__('Trying again in %1 s (%2 of %3).', seconds, delay.attempt, delay.of)
          : trans.__('Trying again (%1 of %2).', delay.attempt, delay.of)}
    </Notice>
  );
}

export interface EndedNoticeProps {
  run: Finished;
  canWrite: boolean;
  onRetry: () => void;
  onContinue: () => void;
}

/** A run that did not succeed: how it ended, why, and the next step. */
export function EndedNotice({ run, canWrite, onRetry, onContinue }: EndedNoticeProps): JSX.Element {
  const { Icon, trans } = useServices();
  if (run.outcome === 'cancelled') {
    return (
      <Notice
        kind="bad"
        label={trans.__('stopped')}
        mark={<Icon name="stop" />}
        action={canWrite ? { label: trans.__('Continue'), onClick: onContinue } : undefined}
      >
        <b>{trans.__('Stopped by %1', actorName(run.ended_by, trans))}</b>
      </Notice>
    );
  }
  const next = goesOn(run.error)
    ? { label: trans.__('Continue'), onClick: onContinue }
    : { label: trans.__('Try again'), onClick: onRetry };
  return (
    <Notice
      kind="bad"
      label={trans.__('failed')}
      mark={<Icon name="close" />}
      action={canWrite ? next : undefined}
    >
      <ProblemText problem={run.error} />
    </Notice>
  );
}

/** Whether a run that ended so goes on from where it stands, rather than from its beginning. */
function goesOn(problem: Problem | null): boolean {
  const code = problem?.code ?? '';
  return code.startsWith('limit_') || code === 'empty_answer';
}

function ProblemText({ problem }: { problem: Problem | null }): JSX.Element {
  const trans = useTrans();
  return (
    <>
      <b>{trans.__('Stopped:')}</b> {problem?.message ?? trans.__('The answer failed.')}
      {problem?.hint && <span className="jp-Copilot-muted"> {problem.hint}</span>}
    </>
  );
}

export interface NoticeProps {
  kind: 'good' | 'bad' | 'waiting';
  label: string;
  mark: React.ReactNode;
  action?: { label: string; onClick: () => void };
  children: React.ReactNode;
}

/** A sentence about how things stand, with the next step beside it. */
export function Notice({ kind, label, mark, action, children }: NoticeProps): JSX.Element {
  return (
    <div className="jp-Copilot-notice">
      <Mark kind={kind} label={label}>
        {mark}
      </Mark>
      <span className="jp-Copilot-grow">{children}</span>
      {action && (
        <Button className="jp-Copilot-link" onClick={action.onClick}>
          {action.label}
        </Button>
      )}
    </div>
  );
}
