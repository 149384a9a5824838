import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { postMessage, type Saying } from '../core/post-message';
import type { CopilotRoom, FrontEndTool, ICopilot } from '../tokens';
import type { Rooms } from './rooms';

/** The rooms of a page as other extensions have them. */
export class Copilot implements ICopilot {
  constructor(private readonly page: Rooms) {
    page.currentChanged.connect(() => this._currentChanged.emit(this.current));
    page.roomsChanged.connect(() => this._roomsChanged.emit());
  }

  get current(): CopilotRoom | null {
    return this.page.current?.model ?? null;
  }

  get currentChanged(): ISignal<ICopilot, CopilotRoom | null> {
    return this._currentChanged;
  }

  get rooms(): ReadonlyMap<string, CopilotRoom> {
    return new Map([...this.page.open].map(({ room: { model } }) => [model.path, model]));
  }

  get roomsChanged(): ISignal<ICopilot, void> {
    return this._roomsChanged;
  }

  async ask(text: string, saying: Saying = {}): Promise<void> {
    const { current } = this.page;
    if (current === null) {
      throw new Error('No notebook is open to ask about.');
    }
    const { model, threadId, chosenModel, chosenAgent } = current;
    const shown = { threadId, model: chosenModel, agentId: chosenAgent };
    await model.submit(postMessage(model.newId(), text, { ...shown, ...saying }));
  }

  observe(callback: (room: CopilotRoom) => void): IDisposable {
    return this.page.observe(room => callback(room));
  }

  registerTool(tool: FrontEndTool): IDisposable {
    return this.page.registerTool(tool);
  }

  private readonly _currentChanged = new Signal<ICopilot, CopilotRoom | null>(this);
  private readonly _roomsChanged = new Signal<ICopilot, void>(this);
}
