/** The dialogs behind “Connect an agent…”: who may come in already, letting one in, and the lines to copy. */
import { Clipboard, Dialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { RoomView } from '../model/room-view';
import type { Guest } from '../protocol';
import { admit, type Admitted, type AgentClient, linesOf, type Wanted } from './guests';

/** Show who may come in, and let another agent in when the person wishes it. */
export async function showConnect(
  room: RoomView,
  settings: ServerConnection.ISettings,
  trans: TranslationBundle
): Promise<void> {
  const body = new Guests(room, trans);
  const result = await showDialog({
    title: trans.__('Connect an agent'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Connect') })]
  });
  if (!result.button.accept) {
    return;
  }
  try {
    const admitted = await admit(settings, room.model.path, body.getValue());
    await showDialog({
      title: trans.__('Connect an agent'),
      body: new Lines(admitted, settings.baseUrl, trans),
      buttons: [Dialog.okButton({ label: trans.__('Done') })]
    });
  } catch (error) {
    await showErrorMessage(trans.__('The agent was not let in'), String(error));
  }
}

/** Who may come in already, and the form for another one. */
class Guests extends ReactWidget {
  constructor(
    private readonly room: RoomView,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Copilot-about');
    room.model.stateChanged.connect(() => this.update(), this);
  }

  getValue(): Wanted {
    return { ...this.wanted, name: this.wanted.name.trim() || 'Agent' };
  }

  protected render(): JSX.Element {
    const { trans, room, wanted } = this;
    const change = (changed: Partial<Wanted>) => {
      this.wanted = { ...this.wanted, ...changed };
      this.update();
    };
    const guests = Object.values(room.model.state?.guests ?? {});
    return (
      <>
        <p>
          {trans.__(
            'An agent of your own, such as Claude Code, can work on this notebook: it reads and proposes, and people here decide.'
          )}
        </p>
        {guests.map(guest => (
          <GuestRow
            key={guest.guest_id}
            guest={guest}
            trans={trans}
            onRevoke={() => room.act({ type: 'revoke_guest', guest_id: guest.guest_id })}
          />
        ))}
        <label>
          {trans.__('Name')}
          <input
            className="jp-mod-styled"
            maxLength={60}
            value={wanted.name}
            onChange={event => change({ name: event.target.value })}
          />
        </label>
        <label>
          {trans.__('It may')}
          <select
            className="jp-mod-styled"
            value={wanted.scope}
            onChange={event => change({ scope: event.target.value as Wanted['scope'] })}
          >
            <option value="propose">{trans.__('Read and propose')}</option>
            <option value="read">{trans.__('Read only')}</option>
          </select>
        </label>
      </>
    );
  }

  private wanted: Wanted = { name: 'Claude Code', scope: 'propose' };
}

function GuestRow(props: {
  guest: Guest;
  trans: TranslationBundle;
  onRevoke: () => void;
}): JSX.Element {
  const { guest, trans } = props;
  const day = (at: number) => new Date(at).toLocaleString();
  const used =
    guest.used_at === null ? trans.__('never used') : trans.__('last used %1', day(guest.used_at));
  return (
    <p>
      {trans.__(
        '%1, guest of %2: %3, until %4',
        guest.name,
        guest.admitted_by.name,
        used,
        day(guest.expires_at)
      )}{' '}
      <button type="button" className="jp-mod-styled" onClick={props.onRevoke}>
        {trans.__('Disconnect')}
      </button>
    </p>
  );
}

/** The lines of each agent, each with a button to copy them. */
class Lines extends ReactWidget {
  constructor(
    private readonly admitted: Admitted,
    private readonly baseUrl: string,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Copilot-about');
    this.chosen = admitted.clients[0]!;
  }

  protected render(): JSX.Element {
    const { admitted, trans, chosen } = this;
    const text = linesOf(chosen, admitted, this.baseUrl);
    return (
      <>
        <p>{trans.__('The token is shown this once. Keep it to yourself.')}</p>
        <label>
          {trans.__('Agent')}
          <select
            className="jp-mod-styled"
            value={chosen.id}
            onChange={event => {
              this.chosen = admitted.clients.find(each => each.id === event.target.value)!;
              this.update();
            }}
          >
            {admitted.clients.map(client => (
              <option key={client.id} value={client.id}>
                {client.name}
              </option>
            ))}
          </select>
        </label>
        <p>
          {chosen.kind === 'shell' ? trans.__('In a terminal:') : trans.__('In %1:', chosen.where)}
        </p>
        <pre className="jp-Copilot-lines">{text}</pre>
        <button
          type="button"
          className="jp-mod-styled"
          onClick={() => Clipboard.copyToSystem(text)}
        >
          {trans.__('Copy')}
        </button>
      </>
    );
  }

  private chosen: AgentClient;
}
