import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Call } from '../../protocol';
import { CallLine } from '../calls/call';
import { CodeText } from '../shared/linked-text';
import { useServices, useTrans } from '../shared/services';
import type { Answer, Quiet } from '../../view-model/timeline';
import { duration, lowerFirst, pastTense } from '../../view-model/wording';

export interface ActivityProps {
  steps: Quiet[];
  /** Whether it is finished and shrinks to one line. */
  folded: boolean;
}

/** What the agent did without needing anybody: line by line while it happens, one line afterwards. */
export function Activity({ steps, folded }: ActivityProps): JSX.Element {
  const trans = useTrans();
  const [unfolded, setUnfolded] = React.useState(false);
  if (!folded) {
    return (
      <div className="jp-Copilot-activity">
        <Steps steps={steps} />
      </div>
    );
  }
  const parts = partsOf(steps, trans);
  return (
    <div className="jp-Copilot-activity">
      <Fold open={unfolded} onToggle={() => setUnfolded(!unfolded)}>
        <CodeText text={summarise(parts)} />
      </Fold>
      {unfolded && (
        <div className="jp-Copilot-indent">
          <Steps steps={steps} open />
        </div>
      )}
    </div>
  );
}

/** What was done, in short: thinking comes first and in one, however often it was interrupted. */
function partsOf(steps: Quiet[], trans: TranslationBundle): string[] {
  const thoughts = steps.flatMap(step => (step.type === 'thought' ? [step.answer] : []));
  const calls = steps.flatMap(step => (step.type === 'call' ? [callTitle(step.call)] : []));
  const parts = thoughts.length > 0 ? [thoughtTitle(thoughts, trans), ...calls] : calls;
  return parts.map((part, index) => (index === 0 ? part : lowerFirst(part)));
}

const NAMED = 4;

/** The parts in one line; many of them are counted instead of named. */
function summarise(parts: string[]): string {
  if (parts.length <= NAMED) {
    return parts.join(' · ');
  }
  return `${parts.slice(0, NAMED - 1).join(' · ')} · +${parts.length - NAMED + 1}`;
}

function Steps({ steps, open = false }: { steps: Quiet[]; open?: boolean }): JSX.Element {
  return (
    <>
      {steps.map(step =>
        step.type === 'thought' ? (
          <Thought key={step.answer.message_id} answer={step.answer} open={open} />
        ) : (
          <CallLine key={step.call.call_id} call={step.call} />
        )
      )}
    </>
  );
}

/** The agent's reasoning, folded unless the reader opens it. */
function Thought({ answer, open }: { answer: Answer; open: boolean }): JSX.Element {
  const { trans } = useServices();
  const [unfolded, setUnfolded] = React.useState(open);
  return (
    <div>
      <Fold open={unfolded} onToggle={() => setUnfolded(!unfolded)}>
        {thoughtTitle([answer], trans)}
      </Fold>
      {unfolded && (
        <div className="jp-Copilot-reasoning" dir="auto">
          {answer.reasoning}
        </div>
      )}
    </div>
  );
}

/** How long the agent thought in all; or that it still does. */
function thoughtTitle(answers: Answer[], trans: TranslationBundle): string {
  let total = 0;
  for (const answer of answers) {
    const until = thoughtUntil(answer);
    if (until === null) {
      return trans.__('Thinking…');
    }
    total += until - answer.at;
  }
  return trans.__('Thought for %1', duration(total, trans));
}

function thoughtUntil(answer: Answer): number | null {
  switch (answer.status) {
    case 'streaming':
      return answer.first_text_at;
    case 'complete':
      return answer.first_text_at ?? answer.finished_at;
    case 'struck':
      return answer.finished_at;
  }
}

function callTitle(call: Call): string {
  const done = call.status === 'finished' && !call.is_error;
  return done ? pastTense(call.preview.title) : call.preview.title;
}

export interface FoldProps {
  open: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}

/** A quiet line that opens what lies beneath it. */
export function Fold({ open, onToggle, children }: FoldProps): JSX.Element {
  return (
    <button type="button" className="jp-Copilot-fold" aria-expanded={open} onClick={onToggle}>
      <span className="jp-Copilot-foldText">{children}</span>
    </button>
  );
}
