import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import type { CopilotModel } from '../model/copilot-model';
import { IRooms, isOnlyText, type Rooms } from '../model/rooms';
import { ICopilotPanel } from '../tokens';

/** What the copilot of the current notebook does, in the status bar. */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:status',
  description: 'What the shared copilot does, in the status bar.',
  autoStart: true,
  requires: [IRooms, ICopilotPanel],
  optional: [IStatusBar, ITranslator],
  activate: (
    _app,
    rooms: Rooms,
    panel: ICopilotPanel,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const item = new StatusItem(rooms, panel, trans);
    bar?.registerStatusItem('jupyter-collaborative-copilot:status', {
      item,
      align: 'right',
      rank: 100,
      isActive: () => rooms.current !== null,
      activeStateChanged: item.activeChanged
    });
  }
};

class StatusItem extends ReactWidget {
  /** Whether there is anything to tell is another now. */
  readonly activeChanged = new Signal<this, void>(this);

  constructor(
    private readonly rooms: Rooms,
    private readonly panel: ICopilotPanel,
    private readonly trans: TranslationBundle
  ) {
    super();
    rooms.observe((_, change) => isOnlyText(change) || this.refresh());
    rooms.currentChanged.connect(() => {
      this.refresh();
      this.activeChanged.emit();
    });
  }

  protected render(): JSX.Element {
    return (
      <button
        type="button"
        className="jp-Copilot-status"
        title={this.trans.__('Show the copilot')}
        onClick={() => this.panel.review() || this.panel.compose()}
      >
        <TextItem source={this.words} />
      </button>
    );
  }

  private refresh(): void {
    const model = this.rooms.current?.model;
    const words = model ? runState(model, this.trans) : '';
    if (words !== this.words) {
      this.words = words;
      this.update();
    }
  }

  private words = '';
}

/** The state of the room's runs in a few words. */
export function runState(model: CopilotModel, trans: TranslationBundle): string {
  const waiting = model.openConfirmations.length;
  if (waiting > 0) {
    return trans._n('Copilot: %1 decision waits', 'Copilot: %1 decisions wait', waiting);
  }
  const runs = Object.values(model.state?.runs ?? {});
  if (runs.some(run => run.status === 'running')) {
    return trans.__('Copilot: at work');
  }
  return trans.__('Copilot: ready');
}
