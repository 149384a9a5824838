import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import {
  ANSWER,
  APPROVE,
  type Call,
  type Confirmation,
  DENY,
  type Open,
  SKIP
} from '../../protocol';
import { Code } from '../shared/code';
import { RefusalNote } from './refusal-note';
import type { Refusal } from '../../view-model/decision';
import { Diff } from '../calls/diff';
import { LinkedText } from '../shared/linked-text';
import { useServices, useTrans } from '../shared/services';
import { TriedNote } from './tried-note';
import { actorName, clock, lowerFirst, surfaceName } from '../../view-model/wording';

type Closed = Exclude<Confirmation, Open>;

export interface DecidedLineProps {
  confirmation: Closed;
  call: Call | null;
  /** Set when this person decided too late. */
  refusal: Refusal | null;
}

/** A decision in one line, the same for everybody; unfolds to what was decided on. */
export function DecidedLine({ confirmation, call, refusal }: DecidedLineProps): JSX.Element {
  const { Icon, trans, now } = useServices();
  const [open, setOpen] = React.useState(false);
  const good = isYes(confirmation);
  const time = clock(confirmation.at, now());
  return (
    <div
      className={`jp-Copilot-decided jp-mod-${good ? 'yes' : 'no'}`}
      data-confirmation-id={confirmation.confirmation_id}
    >
      <div className="jp-Copilot-decidedLine">
        <span className="jp-Copilot-mark" aria-hidden="true">
          <Icon name={good ? 'check' : 'close'} />
        </span>
        <span className="jp-Copilot-grow">
          <b>{whoDecided(confirmation, trans)}</b>
          <span className="jp-Copilot-sr">{from(confirmation, trans)}</span>:{' '}
          <LinkedText text={lowerFirst(confirmation.title)} cells={call?.preview.cells} />
          {confirmation.status === 'decided' && confirmation.edited_args && (
            <i> {trans.__('edited')}</i>
          )}
          {confirmation.status === 'decided' && confirmation.rule_id && (
            <i> {trans.__('by a rule')}</i>
          )}
          {words(confirmation) && <> — “{words(confirmation)}”</>}
        </span>
        <span className="jp-Copilot-time" title={from(confirmation, trans)}>
          {time}
        </span>
        <button
          type="button"
          className="jp-Copilot-more"
          aria-expanded={open}
          aria-label={trans.__('Details of this decision')}
          title={open ? trans.__('Hide details') : trans.__('Show details')}
          onClick={() => setOpen(!open)}
        />
      </div>
      {open && <Details confirmation={confirmation} call={call} />}
      {refusal && <RefusalNote refusal={inWords(refusal, confirmation, trans)} />}
    </div>
  );
}

/** The refusal of who decided too late, told beside the line that says who won. */
function inWords(refusal: Refusal, confirmation: Closed, trans: TranslationBundle): Refusal {
  if (refusal.code !== 'already_decided' || confirmation.status !== 'decided') {
    return refusal;
  }
  const name = actorName(confirmation.by, trans);
  const message = trans.__('%1 was first. Your decision changed nothing.', name);
  return { ...refusal, message };
}

function isYes(confirmation: Closed): boolean {
  if (confirmation.status !== 'decided') {
    return false;
  }
  const option = confirmation.options.find(o => o.id === confirmation.option);
  return option?.style === 'primary' || confirmation.option === APPROVE;
}

function whoDecided(confirmation: Closed, trans: TranslationBundle): string {
  switch (confirmation.status) {
    case 'expired':
      return trans.__('Nobody decided in time');
    case 'withdrawn':
      return trans.__('%1 took it back', actorName(confirmation.by, trans));
    case 'decided':
      return decision(confirmation, actorName(confirmation.by, trans), trans);
  }
}

function decision(
  confirmation: Extract<Closed, { status: 'decided' }>,
  name: string,
  trans: TranslationBundle
): string {
  switch (confirmation.option) {
    case APPROVE:
      return trans.__('%1 approved', name);
    case DENY:
      return trans.__('%1 denied', name);
    case ANSWER:
      return trans.__('%1 answered', name);
    case SKIP:
      return confirmation.comment ? trans.__('%1 answered', name) : trans.__('%1 skipped', name);
    default: {
      const label = confirmation.options.find(o => o.id === confirmation.option)?.label;
      return trans.__('%1 chose “%2”', name, label ?? confirmation.option);
    }
  }
}

function from(confirmation: Closed, trans: TranslationBundle): string {
  if (confirmation.status === 'expired') {
    return trans.__('It counts as denied.');
  }
  const surface = confirmation.by.surface;
  return surface ? ` ${trans.__('from %1', surfaceName(surface, trans))}` : '';
}

/** What the person said with it, or filled into the form, in short. */
function words(confirmation: Closed): string {
  switch (confirmation.status) {
    case 'expired':
      return '';
    case 'withdrawn':
      return confirmation.reason;
    case 'decided':
      return confirmation.comment || answer(confirmation.value);
  }
}

const ANSWER_CHARS = 120;

function answer(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  const parts = typeof value === 'object' ? Object.values(value).map(plain) : [plain(value)];
  const text = parts.filter(Boolean).join(', ');
  return text.length > ANSWER_CHARS ? `${text.slice(0, ANSWER_CHARS)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was decided on, as the person saw it, and where they decided. */
function Details({ confirmation, call }: { confirmation: Closed; call: Call | null }): JSX.Element {
  const trans = useTrans();
  const { preview } = call ?? { preview: null };
  return (
    <div className="jp-Copilot-details">
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
    </div>
  );
}

function origin(confirmation: Closed, trans: TranslationBundle): string {
  const at = new Date(confirmation.at).toLocaleString();
  if (confirmation.status === 'expired') {
    return trans.__('%1. It counts as denied.', at);
  }
  const { surface, auth } = confirmation.by;
  const parts = [at, surface && trans.__('from %1', surfaceName(surface, trans))];
  if (auth === 'browser') {
    parts.push(trans.__('signed in with a browser'));
  } else if (auth === 'token') {
    parts.push(trans.__('signed in with a token'));
  }
  return parts.filter(Boolean).join(', ');
}
