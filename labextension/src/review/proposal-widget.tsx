import { EditorView } from '@codemirror/view';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { keepKeys } from '../notebook/own-keys';
import {
  Proposal,
  type ProposalActions,
  proposalLabel,
  type ProposalLook
} from '../ui/review/proposal';
import { type Services, ServicesProvider } from '../ui/shared/services';
import { DiffView, type DiffViewProps } from './diff-view';

/** All that one proposal in a cell is drawn from. */
export interface Drawn {
  look: ProposalLook;
  name: string;
  /** Null where the cell itself shows the code. */
  code: DiffViewProps | null;
}

export interface ProposalWidgetOptions {
  services: Services;
  actions: ProposalActions;
  /** Told when this person begins and ends looking at it closely. */
  onReview: (reviewing: boolean) => void;
  /** Told when the focus comes into it, and when a person takes it elsewhere. */
  onFocus: (hasFocus: boolean) => void;
  /** Told of the element that is in sight when all of it was. */
  onEnd: (end: HTMLElement | null) => void;
  onKey: (event: KeyboardEvent) => void;
  /** Whether this person writes in it. */
  isWriting: () => boolean;
}

/** A proposal in the layout of a cell: it moves, scrolls and hides with it, and is no part of the notebook. */
export class ProposalWidget extends ReactWidget {
  constructor(private readonly options: ProposalWidgetOptions) {
    super();
    const { node } = this;
    this.addClass('jp-Copilot-proposal');
    this.addClass('jp-Copilot-scope');
    node.setAttribute('role', 'group');
    node.tabIndex = -1;
    keepKeys(node);
    node.addEventListener('keydown', options.onKey);
    node.addEventListener('focusin', () => {
      options.onFocus(true);
      options.onReview(true);
    });
    node.addEventListener('pointerenter', () => options.onReview(true));
    const leave = () => {
      if (node.isConnected && !node.contains(document.activeElement)) {
        options.onFocus(false);
        options.onReview(false);
      }
    };
    node.addEventListener('focusout', () => setTimeout(leave));
    node.addEventListener('pointerleave', leave);
  }

  draw(drawn: Drawn): void {
    this.drawn = drawn;
    const { services } = this.options;
    this.node.setAttribute('aria-label', proposalLabel(drawn.look, drawn.name, services.trans));
    this.node.dataset['confirmationId'] = drawn.look.change.confirmation.confirmation_id;
    this.update();
  }

  /** An editor that was drawn before it was in the page could not take the focus. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    const editor = this.node.querySelector<HTMLElement>('.cm-editor');
    if (editor !== null && this.options.isWriting()) {
      EditorView.findFromDOM(editor)?.focus();
    }
  }

  protected render(): JSX.Element {
    const { drawn, options } = this;
    if (drawn === null) {
      return <></>;
    }
    return (
      <ServicesProvider value={options.services}>
        <Proposal {...drawn.look} {...options.actions}>
          {drawn.code !== null && <DiffView {...drawn.code} />}
        </Proposal>
        <div ref={options.onEnd} className="jp-Copilot-proposalEnd" />
      </ServicesProvider>
    );
  }

  private drawn: Drawn | null = null;
}
