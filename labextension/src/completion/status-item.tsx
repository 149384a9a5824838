import { TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { CompletionSwitch } from './completion-switch';
import { sentWords, stateWords } from './words';

/** The state of completions in the status bar; its tip says what is sent, and a click leads to the switch. */
export class CompletionStatus extends ReactWidget {
  constructor(
    private readonly switched: CompletionSwitch,
    private readonly onClick: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    switched.changed.connect(() => this.update());
  }

  protected render(): JSX.Element {
    const { switched, trans } = this;
    return (
      <button
        type="button"
        className="jp-Copilot-status"
        title={sentWords(switched, trans).join('\n')}
        onClick={this.onClick}
      >
        <TextItem source={stateWords(switched, trans)} />
      </button>
    );
  }
}
