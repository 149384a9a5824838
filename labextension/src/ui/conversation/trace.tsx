import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Call } from '../../protocol';
import { CallLine } from '../calls/call';
import { Button } from '../shared/button';
import { CodeText } from '../shared/linked-text';
import { useServices, useTrans } from '../shared/services';
import { type Answer, isGoingOn, type Quiet } from '../../view-model/conversation/run-blocks';
import { duration, lowerFirst, pastTense } from '../../view-model/wording';

/** What the agent read and thought: one line of fixed height, which only a reader opens and closes. */
export function Trace({ steps }: { steps: Quiet[] }): JSX.Element {
  const { Icon, trans } = useServices();
  const [open, setOpen] = React.useState(false);
  return (
    <div className="jp-Copilot-trace">
      <Button className="jp-Copilot-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="jp-Copilot-mark" aria-hidden="true">
          {steps.some(isGoingOn) ? <span className="jp-Copilot-spinner" /> : <Icon name="check" />}
        </span>
        <span className="jp-Copilot-foldText">
          <CodeText text={summarise(partsOf(steps, trans))} />
        </span>
      </Button>
      {open && (
        <div className="jp-Copilot-indent">
          {steps.map(step =>
            step.type === 'thought' ? (
              <Thought key={step.answer.message_id} answer={step.answer} />
            ) : (
              <CallLine key={step.call.call_id} call={step.call} />
            )
          )}
        </div>
      )}
    </div>
  );
}

/** What is done right now, in short: "Reading cell 5". */
export function stepTitle(step: Quiet, trans: TranslationBundle): string {
  return step.type === 'thought' ? thoughtTitle([step.answer], trans) : step.call.preview.title;
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

function Thought({ answer }: { answer: Answer }): JSX.Element {
  const trans = useTrans();
  return (
    <div>
      <div className="jp-Copilot-muted">{thoughtTitle([answer], trans)}</div>
      <div className="jp-Copilot-reasoning" dir="auto">
        {answer.reasoning}
      </div>
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
