import * as React from 'react';

import type { Call } from '../../protocol';
import { ArgsEditor } from './args-editor';
import { Circumstances, type CircumstancesProps } from './circumstances';
import { OptionsFoot, WordsFoot } from './confirmation-foot';
import type { Decision, Refusal } from '../../view-model/decision';
import { Effect, hasEffect } from './effect';
import { Form } from '../form/form';
import type { Offer } from '../../view-model/permissions/rules';
import { GrantFoot } from './grant-foot';
import { LinkedText } from '../shared/linked-text';
import { MeantNote } from './meant-note';
import { RefusalNote } from './refusal-note';
import { useTrans } from '../shared/services';
import { TriedNote } from './tried-note';
import { type DecisionInHand, useDecision } from './use-decision';
import { seenKey, useReportSeen } from './seen-store';
import { type Seen, useSeen } from './use-seen';

export interface ConfirmationCardProps extends CircumstancesProps {
  call: Call | null;
  /** Why this person may not decide, in a sentence; null when they may. */
  barred: string | null;
  /** The rules that this person may grant along with an approval. */
  offers: readonly Offer[];
  /** Whether this person's decision is on its way. */
  sending: boolean;
  /** Why the last decision of this person was refused. */
  refusal: Refusal | null;
  onDecide: (decision: Decision) => void;
  /** Told when this person begins and ends looking at it closely. */
  onReview: (reviewing: boolean) => void;
}

/**
 * Something that waits for a person: what will happen in one line, then shown, then the choices.
 *
 * Nothing in it takes the focus by itself, and from the keyboard a choice that acts needs a modifier.
 */
export function ConfirmationCard(props: ConfirmationCardProps): JSX.Element {
  const { confirmation, call, barred, sending, refusal, onReview } = props;
  const trans = useTrans();
  const isOpen = !sending && barred === null;
  const acts = confirmation.kind === 'tool_call' && call !== null && hasEffect(call);
  const seen = useSeen(acts ? `${call.call_id} ${confirmation.args_hash}` : null);
  useReportSeen(seenKey(confirmation), seen.all);
  const hand = useDecision(confirmation, call, isOpen, seen.all, props.onDecide);
  return (
    <article
      className={`jp-Copilot-card jp-mod-${confirmation.kind}`}
      aria-label={trans.__('Waiting for a decision: %1', confirmation.title)}
      data-confirmation-id={confirmation.confirmation_id}
      tabIndex={-1}
      onKeyDown={event => onKey(event, hand)}
      {...reviewing(onReview)}
    >
      <header className="jp-Copilot-cardHead">
        <h3 dir="auto">
          <LinkedText text={confirmation.title} cells={call?.preview.cells} />
        </h3>
        <Circumstances {...props} />
      </header>
      {confirmation.body && (
        <div className="jp-Copilot-cardBody">
          <LinkedText text={confirmation.body} />
        </div>
      )}
      <TriedNote confirmation={confirmation} />
      <Matter {...props} hand={hand} seen={seen} />
      {call !== null && <MeantNote call={call} />}
      {refusal && <RefusalNote refusal={refusal} />}
      {barred !== null ? (
        <footer className="jp-Copilot-cardFoot jp-Copilot-muted">{barred}</footer>
      ) : hand.stage === 'deny' || hand.stage === 'words' ? (
        <WordsFoot hand={hand} sending={sending} />
      ) : hand.stage === 'grant' ? (
        <GrantFoot offers={props.offers} hand={hand} sending={sending} />
      ) : (
        <OptionsFoot
          confirmation={confirmation}
          hand={hand}
          sending={sending}
          offers={props.offers}
        />
      )}
    </article>
  );
}

/** What the decision is about: the effect of a call or its arguments to be changed, or the form of a question. */
function Matter(
  props: ConfirmationCardProps & { hand: DecisionInHand; seen: Seen }
): JSX.Element | null {
  const { confirmation, call, sending, hand, seen } = props;
  const { stage, schema, problems } = hand;
  if (confirmation.kind === 'tool_call') {
    return stage === 'edit' ? (
      <ArgsEditor args={hand.args} schema={schema} problems={problems} onChange={hand.setArgs} />
    ) : (
      call && <Effect call={call} seen={seen} />
    );
  }
  if (schema === null || stage === 'words') {
    return null;
  }
  return (
    <div className="jp-Copilot-cardBody">
      <Form
        schema={schema}
        value={hand.value}
        onChange={hand.setValue}
        problems={problems}
        disabled={sending}
      />
    </div>
  );
}

/** Ctrl or Command with Enter acts, with Backspace begins to deny; Escape leads back. */
function onKey(event: React.KeyboardEvent, hand: DecisionInHand): void {
  const { stage, setStage, primary, refuse } = hand;
  const modified = event.ctrlKey || event.metaKey;
  const isWriting = (event.target as HTMLElement).matches('input, textarea');
  if (event.key === 'Escape' && stage !== 'choose') {
    event.stopPropagation();
    setStage('choose');
  } else if (modified && event.key === 'Enter' && (stage === 'choose' || stage === 'edit')) {
    event.preventDefault();
    event.stopPropagation();
    if (primary) {
      hand.choose(primary);
    }
  } else if (modified && event.key === 'Backspace' && refuse && !isWriting) {
    event.preventDefault();
    setStage('deny');
  }
}

/** Notices whether the person looks at the card: with the focus in it, or with the pointer on it. */
function reviewing(onReview: (reviewing: boolean) => void): React.DOMAttributes<HTMLElement> {
  return {
    onFocus: () => onReview(true),
    onBlur: event => {
      if (!event.currentTarget.contains(event.relatedTarget)) {
        onReview(false);
      }
    },
    onMouseEnter: () => onReview(true),
    onMouseLeave: event => {
      if (!event.currentTarget.contains(document.activeElement)) {
        onReview(false);
      }
    }
  };
}
