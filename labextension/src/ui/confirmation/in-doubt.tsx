import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { CallDoubtful, Open } from '../../protocol';
import { type Decision, type Refusal } from '../../view-model/decision';
import { Button } from '../shared/button';
import { LinkedText } from '../shared/linked-text';
import { Effect, hasEffect } from './effect';
import { RefusalNote } from './refusal-note';
import { Outputs } from '../calls/outputs';
import { useTrans } from '../shared/services';
import { useSeen } from './use-seen';
import { lowerFirst, splitTitle } from '../../view-model/wording';

export interface InDoubtCardProps {
  call: CallDoubtful;
  /** The open question whether to do it again, if there is one. */
  confirmation: Open | null;
  barred: string | null;
  sending: boolean;
  refusal: Refusal | null;
  onDecide: (decision: Decision) => void;
}

/** A call that was begun and whose end nobody knows: what that means, and what can be done. */
export function InDoubtCard(props: InDoubtCardProps): JSX.Element {
  const { call, confirmation, barred, sending, refusal, onDecide } = props;
  const trans = useTrans();
  const acts = confirmation !== null && hasEffect(call);
  const seen = useSeen(acts ? `${call.call_id} ${confirmation.args_hash}` : null);
  return (
    <article
      className="jp-Copilot-card jp-mod-doubt"
      tabIndex={-1}
      aria-label={trans.__('In doubt: %1', call.preview.title)}
      data-confirmation-id={confirmation?.confirmation_id}
    >
      <header className="jp-Copilot-cardHead">
        <h3>
          <LinkedText text={doubtOf(call.preview.title, trans)} cells={call.preview.cells} />
        </h3>
        <div className="jp-Copilot-muted">{call.message}</div>
      </header>
      <Outputs outputs={call.outputs} />
      {confirmation && <Effect call={call} seen={seen} />}
      {refusal && <RefusalNote refusal={refusal} />}
      {confirmation && barred !== null && (
        <footer className="jp-Copilot-cardFoot jp-Copilot-muted">{barred}</footer>
      )}
      {confirmation && barred === null && (
        <footer className="jp-Copilot-cardFoot">
          {[...confirmation.options].reverse().map(option => (
            <Button
              key={option.id}
              className={`jp-Copilot-button jp-mod-${option.style === 'plain' ? 'plain' : 'line'}`}
              disabled={sending || (option.style === 'danger' && !seen.all)}
              onClick={() => onDecide({ option: option.id, comment: '' })}
            >
              {option.label}
            </Button>
          ))}
        </footer>
      )}
    </article>
  );
}

/** The question that the doubt raises: "Did cell 12 run?" */
function doubtOf(title: string, trans: TranslationBundle): string {
  const { verb, rest } = splitTitle(title);
  return verb === 'Run'
    ? trans.__('Did %1 run?', rest.trim())
    : trans.__('Did it happen: %1?', lowerFirst(title));
}
