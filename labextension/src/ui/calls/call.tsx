import * as React from 'react';

import type { Call, Image } from '../../protocol';
import { Button } from '../shared/button';
import { Diff } from './diff';
import { LinkedText } from '../shared/linked-text';
import { OutputStrip } from './output-strip';
import { Outputs, Picture } from './outputs';
import { useNow, useServices, useTrans } from '../shared/services';
import { beganAt } from '../../view-model/conversation/call-state';
import { UndoButton } from './undo';
import { duration, inPast, splitTitle } from '../../view-model/wording';

/** The decision that let a call happen, as its line shows it. */
export interface CallDecision {
  confirmationId: string;
  chip: React.ReactNode;
  /** What was said with it; empty when nothing was. */
  said: string;
  /** Shown with the details of the call. */
  details: React.ReactNode;
  /** Shown below the line. */
  note: React.ReactNode;
}

export interface CallLineProps {
  call: Call;
  /** Null when it took none. */
  decision?: CallDecision | null;
}

/** A call in one line: what, on which cell, how it went, and who let it; unfolds to the rest. */
export function CallLine({ call, decision = null }: CallLineProps): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const failed = call.status === 'finished' && call.is_error && !call.denied;
  return (
    <div className="jp-Copilot-call" data-confirmation-id={decision?.confirmationId}>
      <div className="jp-Copilot-callLine">
        <CallMark call={call} />
        <span className="jp-Copilot-grow">
          <CallTitle call={call} />
          {call.allowed_by && (
            <span className="jp-Copilot-muted">
              {' '}
              · {trans.__('by a rule of %1', call.allowed_by.granted_by.name)}
            </span>
          )}
          {isUnasked(call) && <span className="jp-Copilot-muted"> · {trans.__('not asked')}</span>}
          {failed && <span className="jp-Copilot-problem"> — {firstLine(call.result.text)}</span>}
          {decision?.said && <> — “{decision.said}”</>}
        </span>
        <UndoButton calls={[call]} label={trans.__('Undo “%1”', call.preview.title)}>
          {trans.__('Undo')}
        </UndoButton>
        <CallTime call={call} isBrief={decision !== null} />
        {decision?.chip}
        <Button
          className="jp-Copilot-more"
          aria-expanded={open}
          aria-label={trans.__('Details of “%1”', call.preview.title)}
          title={open ? trans.__('Hide details') : trans.__('Show details')}
          onClick={() => setOpen(!open)}
        />
      </div>
      {open && <CallDetails call={call} above={decision?.details} />}
      {decision?.note}
    </div>
  );
}

/** Whether an agent did it with a tool of its own, and asked nobody. */
function isUnasked(call: Call): boolean {
  const acted = 'adapter' in call && call.adapter === 'acp' && call.effect !== 'read';
  return acted && call.confirmation_id === null && !call.allowed_by;
}

/** A call that acts, with what it printed and drew, and, when the code in it failed, why. */
export function CallCard(props: CallLineProps): JSX.Element {
  const { call } = props;
  return (
    <div className="jp-Copilot-callCard">
      <CallLine {...props} />
      {'outputs' in call && <OutputStrip outputs={call.outputs} />}
    </div>
  );
}

function CallTitle({ call }: { call: Call }): JSX.Element {
  const done = call.status === 'finished' && !call.is_error;
  const title = splitTitle(call.preview.title);
  const { verb, rest } = done ? inPast(title) : title;
  return (
    <>
      <b>{verb}</b>
      <LinkedText text={rest} cells={call.preview.cells} />
    </>
  );
}

/** The state of a call as a small mark, with a word for those who do not see it. */
function CallMark({ call }: { call: Call }): JSX.Element {
  const { Icon, trans } = useServices();
  switch (call.status) {
    case 'proposed':
    case 'confirmed':
      return (
        <Mark kind="waiting" label={trans.__('waits')}>
          <span className="jp-Copilot-dot" />
        </Mark>
      );
    case 'started':
      return (
        <Mark kind="running" label={trans.__('running')}>
          <span className="jp-Copilot-spinner" />
        </Mark>
      );
    case 'in_doubt':
      return (
        <Mark kind="doubt" label={trans.__('in doubt')}>
          ?
        </Mark>
      );
    case 'denied':
      return (
        <Mark kind="bad" label={trans.__('denied')}>
          <Icon name="close" />
        </Mark>
      );
    case 'finished':
      if (call.is_error) {
        return (
          <Mark kind="bad" label={trans.__('failed')}>
            <Icon name="close" />
          </Mark>
        );
      }
      // The call did what was approved, and the code in it went wrong: neither is the whole truth.
      return call.outputs.some(output => output.kind === 'error') ? (
        <Mark kind="raised" label={trans.__('done; the code raised an error')}>
          !
        </Mark>
      ) : (
        <Mark kind="good" label={trans.__('done')}>
          <Icon name="check" />
        </Mark>
      );
  }
}

export interface MarkProps {
  kind: 'good' | 'bad' | 'raised' | 'waiting' | 'running' | 'doubt';
  label: string;
  children: React.ReactNode;
}

export function Mark({ kind, label, children }: MarkProps): JSX.Element {
  return (
    <span className={`jp-Copilot-mark jp-mod-${kind}`} role="img" aria-label={label} title={label}>
      {children}
    </span>
  );
}

/** How long it takes, and afterwards, unless it is to be brief, took. */
function CallTime(props: { call: Call; isBrief: boolean }): JSX.Element | null {
  const { call, isBrief } = props;
  const trans = useTrans();
  if (call.status === 'started') {
    return <Elapsed since={call.started_at} />;
  }
  if (call.status !== 'finished' || call.effect === 'read' || isBrief) {
    return null;
  }
  return (
    <span className="jp-Copilot-time">{duration(call.finished_at - beganAt(call), trans)}</span>
  );
}

function Elapsed({ since }: { since: number }): JSX.Element {
  const trans = useTrans();
  return <span className="jp-Copilot-time">{duration(useNow(1000) - since, trans)}</span>;
}

/** Arguments, changes, output and result of a call. */
function CallDetails({ call, above }: { call: Call; above: React.ReactNode }): JSX.Element {
  const trans = useTrans();
  const outputs = 'outputs' in call ? call.outputs : [];
  return (
    <div className="jp-Copilot-details">
      {above}
      {call.preview.cells.length > 0 ? (
        <Diff cells={call.preview.cells} />
      ) : (
        <Arguments args={call.args} raw={call.raw_args} />
      )}
      {call.effect === 'read' && <Outputs outputs={outputs} />}
      {call.status === 'finished' && outputs.length === 0 && <Seen images={call.result.images} />}
      {call.status === 'finished' && call.result.text !== '' && (
        <>
          <div className="jp-Copilot-detailsTitle">
            {call.is_error ? trans.__('What went wrong') : trans.__('What the copilot was told')}
          </div>
          <pre className="jp-Copilot-plain" tabIndex={0}>
            {call.result.text}
          </pre>
        </>
      )}
    </div>
  );
}

/** The pictures that the copilot was shown, where the call drew none itself. */
function Seen({ images }: { images: readonly Image[] }): JSX.Element {
  const trans = useTrans();
  return (
    <>
      {images.map((image, index) => (
        <Picture key={index} image={image} origin={trans.__('Shown to the copilot')} />
      ))}
    </>
  );
}

function Arguments(props: { args: Call['args']; raw: string | null }): JSX.Element | null {
  const entries = Object.entries(props.args);
  if (props.raw !== null) {
    return <pre className="jp-Copilot-plain">{props.raw}</pre>;
  }
  if (entries.length === 0) {
    return null;
  }
  return (
    <dl className="jp-Copilot-args">
      {entries.map(([name, value]) => (
        <React.Fragment key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0] ?? '';
}
