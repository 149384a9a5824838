import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { InNotebook, type Wanted, type WidgetPage } from './in-notebook';
import { PANEL_MIME } from './names';

/** Draws the panel from a cell's output alone: also after the kernel is gone, and in a notebook that was saved. */
export function panelRenderer(page: WidgetPage): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [PANEL_MIME],
    createRenderer: () => new RenderedPanel(page)
  };
}

class RenderedPanel extends InNotebook implements IRenderMime.IRenderer {
  constructor(page: WidgetPage) {
    super(page, wantedOf({}));
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.want(wantedOf(model.data[PANEL_MIME]));
    return Promise.resolve();
  }
}

/** What an output says, which anybody may have written. */
export function wantedOf(data: unknown): Wanted {
  const said = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const { thread_id, height, compact, composer } = said;
  return {
    threadId: typeof thread_id === 'string' && thread_id !== '' ? thread_id : null,
    height: typeof height === 'string' ? height : '420px',
    compact: compact === true,
    composer: composer !== false
  };
}
