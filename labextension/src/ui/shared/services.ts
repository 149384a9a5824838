import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Call } from '../../protocol';
import type { CellTarget, Undoing } from '../../view-model/cells';

/** Names of the icons that the components use; the page says how each is drawn. */
export type IconName =
  | 'add'
  | 'attach'
  | 'check'
  | 'close'
  | 'copilot'
  | 'copy'
  | 'edit'
  | 'insert'
  | 'retry'
  | 'save'
  | 'search'
  | 'send'
  | 'stop';

/** What the components need of the page around them; everything else reaches them as props. */
export interface Services {
  readonly trans: TranslationBundle;
  readonly Icon: React.ComponentType<{ name: IconName }>;

  /** The server's clock, in unix ms. */
  now(): number;

  /** Renders untrusted Markdown into a new element, which is safe to insert; `keep` it for the next time. */
  markdown(source: string, keep?: boolean): Promise<HTMLElement>;

  /** The same without waiting, where it was kept; else null. */
  markdownAtOnce?(source: string): HTMLElement | null;

  /** Typesets the formulas of an element that is in the page. */
  typeset(host: HTMLElement): void;

  /** Renders untrusted plain text with terminal colours into a new element. */
  terminal(text: string): Promise<HTMLElement>;

  /** Writes highlighted code into `host`. */
  highlight(code: string, language: string, host: HTMLElement): Promise<void>;

  /** The number of a cell in the notebook, counted from 1; null when there is none. */
  cellNumber(id: string): number | null;

  /** What people call a cell, by its prompt and first words; null when it is gone. */
  cellName?(id: string): string | null;

  /** Outlines a cell while somebody points at what leads to it; null ends that. */
  pointAtCell?(target: CellTarget | null): void;

  /** Calls back when cells have come, gone, moved or changed; returns how to end that. */
  watchCells?(callback: () => void): () => void;

  /** What this person left out of a proposal or changed of it in the cells, in words; null when nothing. */
  meantOf?(call: Call): string | null;

  /** Calls back when that became another; returns how to end that. */
  watchMeant?(callback: () => void): () => void;

  /** Scrolls to a cell and lights it up for a moment. */
  goToCell(target: CellTarget): void;

  copy(text: string): void;

  /** The SVG of an agent's icon; empty for the copilot's own, and where the agent is not known. */
  agentIcon?(agentId: string): string;

  /** A picture of the room as base64, by its digest; null when it is no longer kept. */
  picture?(digest: string): Promise<string | null>;

  /** Puts code into a new cell below the active one; absent where there is no notebook. */
  insertCode?(code: string): void;

  /** Puts text into a new Markdown cell below the active one; absent where there is no notebook. */
  insertText?(text: string): void;

  /** Makes code the source of the active cell; absent where there is no notebook. */
  replaceCode?(code: string): void;

  /** Absent where there is no notebook. */
  readonly undoing?: Undoing;
}

export const ServicesContext = React.createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

/** The services of the page. Throws outside of a `ServicesProvider`. */
export function useServices(): Services {
  const services = React.useContext(ServicesContext);
  if (services === null) {
    throw new Error('A component was rendered outside of a ServicesProvider.');
  }
  return services;
}

/** The translator of the page. */
export function useTrans(): TranslationBundle {
  return useServices().trans;
}

/** The server's time, read again every `intervalMs` while the component is shown. */
export function useNow(intervalMs: number): number {
  const services = useServices();
  const [now, setNow] = React.useState(() => services.now());
  React.useEffect(() => {
    const timer = setInterval(() => setNow(services.now()), intervalMs);
    return () => clearInterval(timer);
  }, [services, intervalMs]);
  return now;
}
