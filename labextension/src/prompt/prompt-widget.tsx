import type { Cell } from '@jupyterlab/cells';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { OpenNotebook } from '../model/rooms';
import { keepKeys } from '../notebook/own-keys';
import { place } from '../review/placing';
import { type Services, ServicesProvider } from '../ui/shared/services';
import { contextOf } from '../view-model/attachments';
import { askedOf } from './asked';
import { PromptBar } from './prompt-bar';

/** A prompt above a cell: what is asked there is said in the room, and what is proposed is drawn in the cells. */
export class PromptWidget extends ReactWidget {
  constructor(
    private readonly notebook: OpenNotebook,
    private readonly cell: Cell,
    private readonly services: Services,
    private readonly showSidebar: () => void
  ) {
    super();
    this.addClass('jp-Copilot-prompt');
    this.addClass('jp-Copilot-scope');
    const { node } = this;
    keepKeys(node);
    // The notebook takes these from whatever has the focus in it.
    node.addEventListener('keydown', event => {
      if (['Escape', 'Enter', 'Tab'].includes(event.key)) {
        event.stopPropagation();
      }
    });
    notebook.room.changed.connect(this.follow, this);
  }

  /** Show it above its cell; without words the person writes them. */
  async open(words: string | null): Promise<void> {
    await this.cell.ready;
    if (!this.cell.isDisposed && place(this.cell, 'start', [this]) && words !== null) {
      this.send(words);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.notebook.room.changed.disconnect(this.follow, this);
      const hadFocus = this.node.contains(document.activeElement);
      super.dispose();
      if (hadFocus) {
        this.giveFocusBack();
      }
    }
  }

  protected render(): JSX.Element {
    const { notebook, services, words, messageId } = this;
    const { room, cells } = notebook;
    const asked = askedOf(room.model.state, messageId ?? '');
    const act = (type: 'cancel_run' | 'retry_run') => {
      if ('runId' in asked) {
        room.act({ type, run_id: asked.runId });
      }
    };
    return (
      <ServicesProvider value={services}>
        <PromptBar
          cell={cells.name(String(this.cell.model.id)) ?? ''}
          words={words}
          asked={asked}
          onSend={text => this.send(text)}
          onStop={() => act('cancel_run')}
          onAgain={() => {
            if (asked.kind === 'waiting') {
              act('cancel_run'); // what waits goes with it
            }
            act('retry_run');
          }}
          onSidebar={() => {
            this.dispose();
            this.showSidebar();
          }}
          onClose={() => this.dispose()}
        />
      </ServicesProvider>
    );
  }

  private send(words: string): void {
    const { room, cells } = this.notebook;
    const added = cells.attachmentOf(this.cell);
    this.words = words;
    this.messageId = room.post(words, contextOf([added], added.cellId));
    this.update();
  }

  /** What was changed is seen in the cell: nothing is left to say. */
  private follow(): void {
    if (this.messageId !== null) {
      const asked = askedOf(this.notebook.room.model.state, this.messageId);
      if (asked.kind === 'done' && asked.changed) {
        this.dispose();
        return;
      }
      this.update();
    }
  }

  private giveFocusBack(): void {
    const { content } = this.notebook.panel;
    const { editor } = this.cell;
    if (editor && !this.cell.isDisposed) {
      editor.focus();
    } else {
      content.node.focus({ preventScroll: true });
    }
  }

  private words: string | null = null;
  private messageId: string | null = null;
}
