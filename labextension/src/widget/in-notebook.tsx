import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { keepKeys } from '../notebook/own-keys';
import { type PageParts, RoomPanel } from '../page/room-panel';
import type { RoomView } from '../model/room-view';
import type { OpenNotebook, Rooms } from '../model/rooms';
import type { Wanted } from './wanted';

/** What a panel in a notebook needs of the page that shows it. */
export interface WidgetPage {
  rooms: Rooms;
  parts: PageParts;
}

/**
 * The panel inside a notebook, or in a console or another view of its outputs beside it.
 *
 * It is drawn over the page's own connection: what a person decides there is decided in their own name, works while the
 * kernel is busy, and needs no kernel at all.
 */
export class InNotebook extends ReactWidget {
  constructor(
    private readonly page: WidgetPage,
    private wanted: Wanted,
    private readonly path: string | null = null
  ) {
    super();
    this.addClass('jp-Copilot-inNotebook');
    keepKeys(this.node);
    page.rooms.roomsChanged.connect(this.look, this);
    this.want(wanted);
  }

  /** Show something else from now on. */
  want(wanted: Wanted): void {
    this.wanted = wanted;
    this.node.style.height = wanted.height;
    this.chooseThread();
    this.update();
  }

  override dispose(): void {
    this.page.rooms.roomsChanged.disconnect(this.look, this);
    this.room?.dispose();
    super.dispose();
  }

  protected render(): JSX.Element {
    const { notebook, room, page, wanted } = this;
    if (notebook === null || room === null) {
      return <p>{page.parts.trans.__('Open this notebook to see the copilot here.')}</p>;
    }
    return (
      <RoomPanel
        room={room}
        cells={notebook.cells}
        page={page.parts}
        compact={wanted.compact}
        composer={wanted.composer}
        shown={this.isOnScreen}
      />
    );
  }

  protected override onAfterAttach(msg: Message): void {
    this.look();
    super.onAfterAttach(msg);
    this.sight?.observe(this.node);
  }

  protected override onBeforeDetach(msg: Message): void {
    this.sight?.disconnect();
    super.onBeforeDetach(msg);
  }

  /** A panel in a console outlives its notebook's tab, and shows the next one of the same notebook. */
  private look(): void {
    if (this.notebook !== null && this.page.rooms.of(this.notebook.panel) === undefined) {
      this.leave();
    }
    if (this.notebook === null) {
      this.enter();
    }
  }

  /** The place in a notebook is known once the node is in the page, and its room once the notebook is open. */
  private enter(): void {
    const { node, page, path } = this;
    this.notebook = notebookAround(node, page.rooms) ?? notebookAt(path, page);
    this.room = this.notebook && page.rooms.viewOf(this.notebook);
    this.chooseThread();
    this.update();
  }

  private leave(): void {
    this.room?.dispose();
    this.notebook = null;
    this.room = null;
    this.update();
  }

  private chooseThread(): void {
    if (this.room !== null && this.wanted.threadId) {
      this.room.threadId = this.wanted.threadId;
    }
  }

  /** Scrolled out of sight, it is not drawn. */
  private readonly sight =
    typeof IntersectionObserver === 'undefined'
      ? null
      : new IntersectionObserver(([entry]) => {
          this.isOnScreen = entry?.isIntersecting ?? true;
          this.update();
        });
  private isOnScreen = true;
  private notebook: OpenNotebook | null = null;
  private room: RoomView | null = null;
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

/** The open notebook at a path, whichever drive it was opened from. */
function notebookAt(path: string | null, { rooms, parts }: WidgetPage): OpenNotebook | null {
  const { contents } = parts;
  for (const notebook of rooms.open) {
    if (
      path !== null &&
      contents.localPath(notebook.panel.context.path) === contents.localPath(path)
    ) {
      return notebook;
    }
  }
  return null;
}
