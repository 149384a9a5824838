import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { InNotebook, type WidgetPage } from './in-notebook';
import { PANEL_MIME } from './names';
import { wantedOf } from './wanted';

/** Draws the panel from a cell's output alone: also after the kernel is gone, and in a notebook that was saved. */
export function panelRenderer(page: WidgetPage): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [PANEL_MIME],
    createRenderer: ({ resolver }) => new RenderedPanel(page, resolver)
  };
}

class RenderedPanel extends InNotebook implements IRenderMime.IRenderer {
  constructor(page: WidgetPage, resolver: IRenderMime.IResolver | null) {
    const { UrlResolver } = RenderMimeRegistry;
    super(page, wantedOf({}), resolver instanceof UrlResolver ? resolver.path : null);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.want(wantedOf(model.data[PANEL_MIME]));
    return Promise.resolve();
  }
}
