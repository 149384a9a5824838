/** The dialog behind the status: what is sent where, and the switch. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { CompletionSwitch, Wish, Wishes } from './completion-switch';
import { modeWords, sentWords } from './words';

/** Show it; resolves with what the person chose, or null when they left it as it was. */
export async function showAbout(
  switched: CompletionSwitch,
  wishes: Wishes,
  trans: TranslationBundle
): Promise<Wishes | null> {
  const body = new About(switched, wishes, trans);
  const result = await showDialog({
    title: trans.__('Code completion by the Copilot'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Save') })]
  });
  return result.button.accept ? body.getValue() : null;
}

class About extends ReactWidget {
  constructor(
    private readonly switched: CompletionSwitch,
    private wishes: Wishes,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Copilot-about');
  }

  getValue(): Wishes {
    return this.wishes;
  }

  protected render(): JSX.Element {
    const { switched, trans, wishes } = this;
    const modes: [Wish, string][] = [
      ['auto', trans.__('On with a model that costs nothing')],
      ['on', trans.__('On')],
      ['invoke', trans.__('Only when I press Alt+\\')],
      ['off', trans.__('Off')]
    ];
    const change = (changed: Partial<Wishes>) => {
      this.wishes = { ...this.wishes, ...changed };
      this.update();
    };
    return (
      <>
        <p>{modeWords(switched.mode, switched.isSlow, trans)}</p>
        {sentWords(switched, trans).map(text => (
          <p key={text}>{text}</p>
        ))}
        <label>
          {trans.__('Complete code')}
          <select
            className="jp-mod-styled"
            value={wishes.completion}
            onChange={event => change({ completion: event.target.value as Wish })}
          >
            {modes.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          {trans.__('Model')}
          <select
            className="jp-mod-styled"
            value={wishes.completionModel}
            onChange={event => change({ completionModel: event.target.value })}
          >
            <option value="">{trans.__('The server’s choice')}</option>
            {switched.offer.models.map(({ name, label, costs }) => (
              <option key={name} value={name}>
                {costs ? trans.__('%1 (each request may cost money)', label) : label}
              </option>
            ))}
          </select>
        </label>
      </>
    );
  }
}
