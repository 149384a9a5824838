import { DOMWidgetModel, DOMWidgetView } from '@jupyter-widgets/base';
import { ReactWidget } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { type PageParts, RoomPanel } from '../room-panel';
import type { RoomView } from '../room-view';
import type { OpenNotebook, Rooms } from '../rooms';
import { MODEL, MODULE, VERSION, VIEW } from './names';

const CLASS = 'jp-Copilot-inNotebook';

/** What the view needs of the page that shows it. */
export interface WidgetPage {
  rooms: Rooms;
  parts: PageParts;
}

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
      height: '420px'
    };
  }
}

/**
 * The classes of the panel in a notebook, for one page.
 *
 * The view is drawn over the page's own connection: what a person decides there is decided in their own name, and works
 * while the kernel is busy.
 */
export function panelClasses(
  page: WidgetPage
): Record<string, typeof DOMWidgetModel | typeof DOMWidgetView> {
  class PanelView extends DOMWidgetView {
    override render(): void {
      super.render();
      this.el.classList.add(CLASS);
      this.listenTo(this.model, 'change:height', () => this.resize());
      this.resize();
      // The place in a notebook is known once the element is in the page.
      this.displayed.then(() => this.draw()).catch(error => console.error(error));
    }

    override remove(): void {
      this.drawn?.dispose();
      this.room?.dispose();
      super.remove();
    }

    private resize(): void {
      this.el.style.height = String(this.model.get('height') ?? '');
    }

    private draw(): void {
      const notebook = notebookAround(this.el, page.rooms);
      if (notebook === null) {
        this.el.textContent = page.parts.trans.__('Open this notebook to see the copilot here.');
        return;
      }
      this.room = page.rooms.viewOf(notebook);
      const threadId: unknown = this.model.get('thread_id');
      if (typeof threadId === 'string' && threadId !== '') {
        this.room.threadId = threadId;
      }
      this.drawn = ReactWidget.create(
        <RoomPanel room={this.room} cells={notebook.cells} page={page.parts} />
      );
      Widget.attach(this.drawn, this.el);
      MessageLoop.sendMessage(this.drawn, Widget.Msg.UpdateRequest);
    }

    private drawn: ReactWidget | null = null;
    private room: RoomView | null = null;
  }
  return { [MODEL]: PanelModel, [VIEW]: PanelView };
}

/** The open notebook that an element is part of. */
function notebookAround(element: Element, rooms: Rooms): OpenNotebook | null {
  for (const notebook of rooms.open) {
    if (notebook.panel.node.contains(element)) {
      return notebook;
    }
  }
  return null;
}
