import type { NotebookPanel } from '@jupyterlab/notebook';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { keepKeys } from '../notebook/own-keys';
import { ReviewBar, type ReviewBarProps } from '../ui/review/bar';
import { type Services, ServicesProvider } from '../ui/shared/services';

export type BarActions = Pick<
  ReviewBarProps,
  'onNext' | 'onPrevious' | 'onAcceptAll' | 'onRejectAll'
>;

/** The bar over a notebook while changes of it wait. */
export class ReviewBarWidget extends ReactWidget {
  constructor(
    private readonly services: Services,
    private readonly actions: BarActions
  ) {
    super();
    this.addClass('jp-Copilot-reviewBar');
    this.addClass('jp-Copilot-scope');
    keepKeys(this.node);
  }

  /** Show this over a notebook; nothing while no change waits. */
  draw(panel: NotebookPanel, shown: Omit<ReviewBarProps, keyof BarActions>): void {
    this.shown = shown;
    const isWanted = shown.total > 0;
    if (isWanted && !this.isAttached && panel.node.isConnected) {
      Widget.attach(this, panel.node);
    } else if (!isWanted && this.isAttached) {
      Widget.detach(this);
    }
    this.update();
  }

  protected render(): JSX.Element {
    const { shown, services, actions } = this;
    return (
      <ServicesProvider value={services}>
        {shown !== null && shown.total > 0 && <ReviewBar {...shown} {...actions} />}
      </ServicesProvider>
    );
  }

  private shown: Omit<ReviewBarProps, keyof BarActions> | null = null;
}
