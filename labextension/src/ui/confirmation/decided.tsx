import * as React from 'react';

import type { Call } from '../../protocol';
import type { Closed } from '../../view-model/conversation/run-blocks';
import { Button } from '../shared/button';
import { Code } from '../shared/code';
import { RefusalNote } from './refusal-note';
import type { Refusal } from '../../view-model/decision';
import { from, inWords, isYes, origin, whoDecided, words } from './decided-words';
import { Diff } from '../calls/diff';
import { LinkedText } from '../shared/linked-text';
import { useServices, useTrans } from '../shared/services';
import { TriedNote } from './tried-note';
import { actorName, clock } from '../../view-model/wording';

/** A decision as a small mark beside what it was about: who, and when; what they did is heard, and seen by the sign. */
export function DecisionChip({ confirmation }: { confirmation: Closed }): JSX.Element {
  const { Icon, trans, now } = useServices();
  const good = isYes(confirmation);
  const name = confirmation.status === 'decided' ? actorName(confirmation.by, trans) : '';
  const who = whoDecided(confirmation, trans);
  const [before, after] =
    name && /^(approve|deny)$/.test(optionOf(confirmation)) ? around(who, name) : [null, ''];
  const edited = confirmation.status === 'decided' && Boolean(confirmation.edited_args);
  const byRule = confirmation.status === 'decided' && Boolean(confirmation.rule_id);
  return (
    <span
      className={`jp-Copilot-decision jp-mod-${good ? 'yes' : 'no'}`}
      title={`${who}${from(confirmation, trans)}`}
    >
      <Icon name={good ? 'check' : 'close'} />
      <b dir="auto">
        {before === null ? (
          who
        ) : (
          <>
            <span className="jp-Copilot-sr">{before}</span>
            {name}
            <span className="jp-Copilot-sr">{after}</span>
          </>
        )}
      </b>
      <span className="jp-Copilot-sr">{from(confirmation, trans)}</span>
      <span>
        {clock(confirmation.at, now())}
        {edited && `, ${trans.__('edited')}`}
        {byRule && `, ${trans.__('by a rule')}`}
      </span>
    </span>
  );
}

function optionOf(confirmation: Closed): string {
  return confirmation.status === 'decided' ? confirmation.option : '';
}

/** What stands before and after the name in a sentence; null when the sentence does not name it. */
function around(sentence: string, name: string): [string | null, string] {
  const at = sentence.indexOf(name);
  return at < 0 ? [null, ''] : [sentence.slice(0, at), sentence.slice(at + name.length)];
}

export interface DecidedLineProps {
  confirmation: Closed;
  call: Call | null;
  /** Set when this person decided too late. */
  refusal: Refusal | null;
}

/** What was decided on and not done, or answered, in one line; unfolds to what it was. */
export function DecidedLine({ confirmation, call, refusal }: DecidedLineProps): JSX.Element {
  const { Icon, trans } = useServices();
  const [open, setOpen] = React.useState(false);
  const good = isYes(confirmation);
  const said = words(confirmation, trans);
  return (
    <div
      className={`jp-Copilot-call jp-mod-${good ? 'yes' : 'no'}`}
      data-confirmation-id={confirmation.confirmation_id}
    >
      <div className="jp-Copilot-callLine">
        <span className={`jp-Copilot-mark jp-mod-${good ? 'good' : 'bad'}`} aria-hidden="true">
          <Icon name={good ? 'check' : 'close'} />
        </span>
        <span className="jp-Copilot-grow">
          <LinkedText text={confirmation.title} cells={call?.preview.cells} />
          {said && <> — “{said}”</>}
        </span>
        <DecisionChip confirmation={confirmation} />
        <Button
          className="jp-Copilot-more"
          aria-expanded={open}
          aria-label={trans.__('Details of this decision')}
          title={open ? trans.__('Hide details') : trans.__('Show details')}
          onClick={() => setOpen(!open)}
        />
      </div>
      {open && (
        <div className="jp-Copilot-details">
          <DecisionDetails confirmation={confirmation} call={call} />
        </div>
      )}
      <LateNote confirmation={confirmation} refusal={refusal} />
    </div>
  );
}

/** Tells who decided too late who won. */
export function LateNote(props: Omit<DecidedLineProps, 'call'>): JSX.Element | null {
  const trans = useTrans();
  const { confirmation, refusal } = props;
  return refusal && <RefusalNote refusal={inWords(refusal, confirmation, trans)} />;
}

/** What was decided on, as the person saw it, and where they decided. */
export function DecisionDetails({
  confirmation,
  call
}: {
  confirmation: Closed;
  call: Call | null;
}): JSX.Element {
  const trans = useTrans();
  const { preview } = call ?? { preview: null };
  return (
    <>
      <div className="jp-Copilot-muted">{origin(confirmation, trans)}</div>
      <TriedNote confirmation={confirmation} />
      {preview && preview.cells.length > 0 && <Diff cells={preview.cells} />}
      {preview?.code && <Code code={preview.code} language={preview.language} />}
      {confirmation.status === 'decided' && Boolean(confirmation.edited_args) && (
        <Code code={JSON.stringify(confirmation.edited_args, null, 2)} language="json" />
      )}
      {confirmation.status === 'decided' && Boolean(confirmation.value) && (
        <Code code={JSON.stringify(confirmation.value, null, 2)} language="json" />
      )}
    </>
  );
}
