import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { CellDiff, Participant } from '../../protocol';
import type { Change } from '../../view-model/review/changes';
import type { Refusal } from '../../view-model/decision';
import type { Taken } from '../../view-model/review/partial';
import { actorName, upperFirst } from '../../view-model/wording';
import { Avatar } from '../people/avatar';
import { Button } from '../shared/button';
import { MarkdownPreview } from './markdown-preview';
import { HazardNote } from '../shared/visible';
import { useTrans } from '../shared/services';

/** What a proposal looks like to this person now. */
export interface ProposalLook {
  change: Change;
  /** The cell's prompt, or the word for a cell that is not there yet. */
  prompt: string;
  /** Which of the changes of the notebook it is, counted from 1. */
  position: number;
  total: number;
  /** Lines that come and go. */
  added: number;
  removed: number;
  /** How many parts of it this person has left out. */
  leftOut: number;
  /** What this person marked, where a decision is about several changes. */
  mark: Taken | null;
  /** Whether it is decided together with others. */
  isShared: boolean;
  /** How many changes are decided with one click here: more than one where they are done all or none. */
  together: number;
  reviewers: readonly Participant[];
  barred: string | null;
  sending: boolean;
  refusal: Refusal | null;
  /** Whether the cell is another one now than the proposal is about. */
  stale: boolean;
  /** Whether all of it was in sight. */
  seen: boolean;
  canEdit: boolean;
  editing: boolean;
  showsCurrent: boolean;
  hidesCurrent: boolean;
  /** A rendered preview of this source. */
  markdown: string | null;
  /** Where a cell that moves would stand, in words. */
  target: string | null;
  sources: readonly string[];
}

export interface ProposalActions {
  onAccept: () => void;
  onReject: () => void;
  /** Takes back a mark. */
  onUnmark: () => void;
  onEdit: () => void;
  onCancel: () => void;
  onPutBack: () => void;
  onShowCurrent: () => void;
}

export interface ProposalProps extends ProposalLook, ProposalActions {
  /** The code with its changes. */
  children: React.ReactNode;
}

/** What is proposed for one cell, where the cell is: what it is in a line, the choices, and the code. */
export function Proposal(props: ProposalProps): JSX.Element {
  const { change, prompt, editing, markdown, children, sources } = props;
  const trans = useTrans();
  return (
    <div className="jp-Copilot-proposalRow">
      <div className="jp-Copilot-proposalPrompt" aria-hidden="true">
        {prompt}
      </div>
      <div className={`jp-Copilot-proposalBox jp-mod-${change.diff.action}`}>
        <header className="jp-Copilot-proposalHead">
          <Title {...props} />
          <span className="jp-Copilot-proposalGap" />
          <Reviewers reviewers={props.reviewers} />
          {props.barred === null ? editing ? <Editing {...props} /> : <Choices {...props} /> : null}
        </header>
        <Notes {...props} />
        <HazardNote sources={sources} />
        {children}
        {markdown !== null && (
          <section className="jp-Copilot-proposalPreview" aria-label={trans.__('Preview')}>
            <MarkdownPreview source={markdown} />
          </section>
        )}
      </div>
    </div>
  );
}

const GLYPHS: { [action in CellDiff['action']]: string } = {
  edit: '✎',
  insert: '+',
  delete: '−',
  move: '↕',
  retype: '⇄',
  run: '▷'
};

/** What a change does, in a few words. */
export function changeTitle({ diff, runs }: Change, trans: TranslationBundle): string {
  switch (diff.action) {
    case 'edit':
      return runs ? trans.__('Edit and run') : trans.__('Edit');
    case 'insert':
      return runs ? trans.__('Add and run') : trans.__('Add');
    case 'delete':
      return trans.__('Delete');
    case 'move':
      return trans.__('Move');
    case 'retype':
      return trans.__('Make it %1', upperFirst(diff.cell_type));
    case 'run':
      return trans.__('Run');
  }
}

function Title({ change, added, removed, target }: ProposalProps): JSX.Element {
  const trans = useTrans();
  const { action } = change.diff;
  return (
    <>
      <span className={`jp-Copilot-glyph jp-mod-${action}`} aria-hidden="true">
        {GLYPHS[action]}
      </span>
      <b>{changeTitle(change, trans)}</b>
      {target !== null && <span className="jp-Copilot-proposalTarget">{target}</span>}
      <span className="jp-Copilot-stat" aria-hidden="true">
        {added > 0 && <span className="jp-mod-added">+{added}</span>}{' '}
        {removed > 0 && <span className="jp-mod-removed">−{removed}</span>}
      </span>
    </>
  );
}

function Reviewers({ reviewers }: Pick<ProposalLook, 'reviewers'>): JSX.Element | null {
  const trans = useTrans();
  const [first] = reviewers;
  if (first === undefined) {
    return null;
  }
  return (
    <span className="jp-Copilot-proposalHere">
      {reviewers.slice(0, 3).map(each => (
        <Avatar key={each.client_id} {...each} />
      ))}
      <span className="jp-Copilot-wide">
        {reviewers.length === 1
          ? trans.__('%1 is here', first.name)
          : trans.__('%1 people are here', reviewers.length)}
      </span>
    </span>
  );
}

function Choices(props: ProposalProps): JSX.Element {
  const { change, mark, sending, stale, canEdit, isShared, together } = props;
  const trans = useTrans();
  const [hint, setHint] = React.useState(false);
  const isRun = change.diff.action === 'run';
  if (mark !== null && isShared) {
    return (
      <>
        <span className={`jp-Copilot-marked jp-mod-${mark === 'none' ? 'no' : 'yes'}`}>
          {mark === 'none' ? trans.__('To be rejected') : trans.__('To be accepted')}
        </span>
        <Button className="jp-Copilot-act" disabled={sending} onClick={props.onUnmark}>
          {trans.__('Take back')}
        </Button>
      </>
    );
  }
  return (
    <>
      {hint && (
        <span role="status" className="jp-Copilot-proposalHint">
          {trans.__('Press %1 to choose this', acceptKeys())}
        </span>
      )}
      {props.leftOut > 0 && (
        <Button className="jp-Copilot-act" onClick={props.onPutBack}>
          {trans._n('Put back %1 part', 'Put back %1 parts', props.leftOut)}
        </Button>
      )}
      {props.hidesCurrent && (
        <Button
          className="jp-Copilot-act jp-Copilot-wide"
          aria-pressed={props.showsCurrent}
          onClick={props.onShowCurrent}
        >
          {trans.__('Show current')}
        </Button>
      )}
      {canEdit && (
        <Button className="jp-Copilot-act" disabled={sending} onClick={props.onEdit}>
          {trans.__('Edit code')}
        </Button>
      )}
      <Button
        className="jp-Copilot-act jp-mod-reject"
        disabled={sending}
        aria-keyshortcuts="Delete"
        onClick={props.onReject}
      >
        <span aria-hidden="true">✕ </span>
        {isRun
          ? trans.__('Deny')
          : together > 1
            ? trans.__('Reject all %1', together)
            : trans.__('Reject')}
      </Button>
      <AcceptButton
        label={
          isRun
            ? trans.__('Approve')
            : together > 1
              ? trans.__('Accept all %1', together)
              : trans.__('Accept')
        }
        sending={sending}
        disabled={stale}
        onAccept={props.onAccept}
        onBareKey={() => setHint(true)}
      />
    </>
  );
}

interface AcceptButtonProps {
  label: string;
  sending: boolean;
  disabled: boolean;
  onAccept: () => void;
  onBareKey: () => void;
}

/** Accepts by a click, or by a key with its modifier: whoever types on decides nothing. */
export function AcceptButton(props: AcceptButtonProps): JSX.Element {
  const { label, sending, disabled, onAccept, onBareKey } = props;
  const trans = useTrans();
  return (
    <Button
      className="jp-Copilot-act jp-mod-accept"
      disabled={disabled || sending}
      aria-keyshortcuts="Control+Enter"
      onKeyDown={event => {
        const isBare = !event.ctrlKey && !event.metaKey;
        if ((event.key === 'Enter' || event.key === ' ') && isBare) {
          event.preventDefault();
          event.stopPropagation();
          onBareKey();
        }
      }}
      onClick={onAccept}
    >
      <span aria-hidden="true">✓ </span>
      {sending ? trans.__('Sending…') : label}
    </Button>
  );
}

/** The keys that accept, as people know them. */
export function acceptKeys(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘⏎' : 'Ctrl ⏎';
}

function Editing({ sending, onCancel, onAccept }: ProposalProps): JSX.Element {
  const trans = useTrans();
  const [hint, setHint] = React.useState(false);
  return (
    <>
      {hint && (
        <span role="status" className="jp-Copilot-proposalHint">
          {trans.__('Press %1 to choose this', acceptKeys())}
        </span>
      )}
      <Button className="jp-Copilot-act" onClick={onCancel}>
        {trans.__('Cancel')}
      </Button>
      <AcceptButton
        label={trans.__('Accept with edits')}
        sending={sending}
        disabled={false}
        onAccept={onAccept}
        onBareKey={() => setHint(true)}
      />
    </>
  );
}

function Notes(props: ProposalProps): JSX.Element | null {
  const { change, barred, stale, refusal, seen, sending } = props;
  const trans = useTrans();
  const notes: string[] = [];
  const { body } = change.confirmation;
  if (body !== '') {
    notes.push(body);
  }
  if (barred !== null) {
    notes.push(barred);
  }
  if (stale) {
    notes.push(
      trans.__(
        'The cell has changed since this was proposed. Reject it, or ask again; what stands in the cell stays.'
      )
    );
  }
  if (refusal !== null) {
    notes.push(`${refusal.message} ${refusal.hint}`.trim());
  }
  if (!seen && !sending && barred === null && change.runs) {
    notes.push(trans.__('Look at all of it before you accept it.'));
  }
  return notes.length === 0 ? null : (
    <div className="jp-Copilot-proposalNotes" role="status">
      {notes.map((note, index) => (
        <p key={index}>{note}</p>
      ))}
    </div>
  );
}

/** What a proposal is, for those who do not see it. */
export function proposalLabel(look: ProposalLook, name: string, trans: TranslationBundle): string {
  const { change, position, total, added, removed, target } = look;
  const who = change.run === null ? '' : actorName(change.run.asked_by, trans);
  const parts = [
    trans.__('Change %1 of %2', position, total),
    `${changeTitle(change, trans)} ${name}${target === null ? '' : ` ${target}`}`,
    ...(added > 0 ? [trans._n('%1 line added', '%1 lines added', added)] : []),
    ...(removed > 0 ? [trans._n('%1 line removed', '%1 lines removed', removed)] : []),
    ...(who === '' ? [] : [trans.__('requested by %1', who)])
  ];
  return parts.join(', ');
}
