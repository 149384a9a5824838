import * as React from 'react';

import type { Call } from '../protocol';
import { CallLine } from './call';
import { CodeText } from './linked-text';
import { useServices, useTrans } from './services';
import type { Answer, Quiet } from './timeline';
import { duration, lowerFirst, pastTense } from './wording';

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
  const parts = steps.map(step =>
    step.type === 'thought' ? thoughtTitle(step.answer, trans) : lowerFirst(callTitle(step.call))
  );
  const first = parts[0] ?? '';
  parts[0] = first.charAt(0).toLocaleUpperCase() + first.slice(1);
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
        {thoughtTitle(answer, trans)}
      </Fold>
      {unfolded && (
        <div className="jp-Copilot-reasoning" dir="auto">
          {answer.reasoning}
        </div>
      )}
    </div>
  );
}

function thoughtTitle(answer: Answer, trans: ReturnType<typeof useTrans>): string {
  const until =
    answer.status === 'struck' ? answer.finished_at : (answer.first_text_at ?? finished(answer));
  return until === null
    ? trans.__('Thinking…')
    : trans.__('Thought for %1', duration(until - answer.at, trans));
}

function finished(answer: Answer): number | null {
  return answer.status === 'streaming' ? null : answer.finished_at;
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
