import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { type CellWork, changesCsv, changesOf } from '../client/changes';
import type { OpenNotebook } from '../model/rooms';
import { Diff } from '../ui/calls/diff';
import { Button } from '../ui/shared/button';
import { type Services, ServicesProvider } from '../ui/shared/services';
import { Visible } from '../ui/shared/visible';
import { visibleText } from '../core/visible-text';
import type { CellChange } from '../view-model/review/changed-cells';
import { clock } from '../view-model/wording';
import { provenanceWords } from './stripe';

/** What a change did to its cell. */
export function showDiff(change: CellChange, services: Services): void {
  const { trans } = services;
  const body = (
    <ServicesProvider value={services}>
      <div className="jp-Copilot-scope jp-Copilot-changeDiff">
        <p>{provenanceWords(change, services.now(), trans)}</p>
        <Diff cells={[change.diff]} />
      </div>
    </ServicesProvider>
  );
  void showDialog({
    title: trans.__('What changed in this cell'),
    body: ReactWidget.create(body),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

/** “What did agents do here?”: all of it, from the log. */
export async function listChanges(
  { room, cells }: OpenNotebook,
  settings: ServerConnection.ISettings,
  services: Services
): Promise<void> {
  const { path } = room.model;
  const changes = await changesOf(settings, path);
  const { trans } = services;
  const dialog: Dialog<unknown> = new Dialog({
    title: trans.__('What did agents do here?'),
    body: ReactWidget.create(
      <div className="jp-Copilot-scope jp-Copilot-changeList">
        {changes.length === 0 ? (
          <p>{trans.__('No agent has changed or run a cell of this notebook.')}</p>
        ) : (
          <Changes
            changes={changes}
            now={services.now()}
            trans={trans}
            name={id => cells.name(id)}
            go={id => {
              dialog.dispose();
              void cells.go({ id });
            }}
          />
        )}
        <p>
          <a href={changesCsv(settings, path)} download>
            {trans.__('Save as CSV')}
          </a>
        </p>
      </div>
    ),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
  await dialog.launch().catch(() => undefined); // closed by going to a cell
}

interface ChangesProps {
  changes: readonly CellWork[];
  now: number;
  trans: TranslationBundle;
  /** What people call a cell now; null when it is gone. */
  name: (id: string) => string | null;
  go: (id: string) => void;
}

/** A row for each cell of each call, the latest first. */
export function Changes({ changes, now, trans, name, go }: ChangesProps): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{trans.__('When')}</th>
          <th scope="col">{trans.__('What')}</th>
          <th scope="col">{trans.__('Requested by')}</th>
          <th scope="col">{trans.__('Allowed by')}</th>
          <th scope="col">{trans.__('How it ended')}</th>
        </tr>
      </thead>
      <tbody>
        {[...changes].reverse().map(work => (
          <tr key={`${work.call_id} ${work.cell_id} ${work.action}`}>
            <td>{clock(work.at, now)}</td>
            <td>
              <Text text={`${work.agent} ${done(work, trans)}`} />{' '}
              <Cell work={work} name={name(work.cell_id)} go={go} />
            </td>
            <td>
              <Text text={work.requested_by} />
            </td>
            <td>
              <Text text={allowed(work, trans)} />
            </td>
            <td>
              <Text text={ended(work, trans)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Text({ text }: { text: string }): JSX.Element {
  return <Visible shown={visibleText(text).text} />;
}

function Cell(props: {
  work: CellWork;
  name: string | null;
  go: (id: string) => void;
}): JSX.Element {
  const { work, name, go } = props;
  return name === null ? (
    <Text text={work.label} />
  ) : (
    <Button className="jp-Copilot-link" onClick={() => go(work.cell_id)}>
      {name}
    </Button>
  );
}

function done({ action }: CellWork, trans: TranslationBundle): string {
  switch (action) {
    case 'insert':
      return trans.__('added');
    case 'edit':
      return trans.__('edited');
    case 'delete':
      return trans.__('deleted');
    case 'move':
      return trans.__('moved');
    case 'retype':
      return trans.__('changed the type of');
    case 'run':
      return trans.__('ran');
  }
}

function allowed({ allowed, allowed_by, edited }: CellWork, trans: TranslationBundle): string {
  switch (allowed) {
    case 'person':
      return edited ? trans.__('%1, with edits', allowed_by) : allowed_by;
    case 'rule':
      return trans.__('a rule of %1', allowed_by);
    case 'mode':
      return trans.__('nobody had to');
  }
}

function ended({ outcome, undone_by }: CellWork, trans: TranslationBundle): string {
  if (undone_by !== '') {
    return trans.__('undone by %1', undone_by);
  }
  switch (outcome) {
    case 'running':
      return trans.__('still running');
    case 'done':
      return trans.__('done');
    case 'failed':
      return trans.__('failed');
    case 'unknown':
      return trans.__('nobody knows');
  }
}
