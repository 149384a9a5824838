import { DOMWidgetModel, DOMWidgetView } from '@jupyter-widgets/base';
import { PanelLayout } from '@lumino/widgets';

import { InNotebook, type WidgetPage } from './in-notebook';
import { MODEL, MODULE, VERSION, VIEW } from './names';
import { wantedOf } from './wanted';

const TRAITS = ['thread_id', 'height', 'compact', 'composer'];

/** The kernel's panel. Its state is the room's, so that there is nothing to hold here. */
class PanelModel extends DOMWidgetModel {
  override defaults(): Record<string, unknown> {
    return {
      ...super.defaults(),
      _model_module: MODULE,
      _model_module_version: VERSION,
      _model_name: MODEL,
      _view_module: MODULE,
      _view_module_version: VERSION,
      _view_name: VIEW,
      thread_id: null,
      height: '420px',
      compact: false,
      composer: true
    };
  }
}

/** The classes of the panel among other ipywidgets, such as in a box, for one page. */
export function panelClasses(
  page: WidgetPage
): Record<string, typeof DOMWidgetModel | typeof DOMWidgetView> {
  class PanelView extends DOMWidgetView {
    override render(): void {
      super.render();
      for (const trait of TRAITS) {
        this.listenTo(this.model, `change:${trait}`, () => this.drawn.want(this.wanted()));
      }
      // As a child it hears when the box around it comes into the page, leaves it, and goes.
      const layout = new PanelLayout();
      layout.addWidget(this.drawn);
      this.luminoWidget.layout = layout;
    }

    private wanted() {
      return wantedOf(Object.fromEntries(TRAITS.map(trait => [trait, this.model.get(trait)])));
    }

    private readonly drawn = new InNotebook(page, this.wanted());
  }
  return { [MODEL]: PanelModel, [VIEW]: PanelView };
}
