import { nullTranslator } from '@jupyterlab/translation';
import { cleanup, render, type RenderResult } from '@testing-library/react';
import * as React from 'react';
import { afterEach, beforeEach, vi } from 'vitest';

import { type Services, ServicesProvider } from '../../src/ui/shared/services';
import { NOW } from '../../gallery/fixtures';

/** Services that draw plainly, and remember what they were asked for. */
export class FakePage implements Services {
  readonly trans = nullTranslator.load('jupyterlab');
  readonly copied: string[] = [];
  readonly visited: unknown[] = [];
  readonly inserted: string[] = [];

  readonly Icon = ({ name }: { name: string }): JSX.Element => <i data-icon={name} />;
  now = (): number => NOW;
  typeset = (): void => undefined;
  cellNumber = (id: string): number | null => Number(/\d+/.exec(id)?.[0] ?? 0) || null;
  goToCell = (target: unknown): void => void this.visited.push(target);
  copy = (text: string): void => void this.copied.push(text);
  insertCode = (code: string): void => void this.inserted.push(code);

  markdown = async (source: string): Promise<HTMLElement> => {
    const element = document.createElement('div');
    element.textContent = source;
    return element;
  };
  terminal = this.markdown;
  highlight = async (code: string, _language: string, host: HTMLElement): Promise<void> => {
    host.textContent = code;
  };
}

/** Draws something with fake services. */
export function show(
  element: JSX.Element,
  page = new FakePage()
): RenderResult & { page: FakePage } {
  const wrap = (child: JSX.Element) => <ServicesProvider value={page}>{child}</ServicesProvider>;
  const result = render(wrap(element));
  return { ...result, page, rerender: next => result.rerender(wrap(next as JSX.Element)) };
}

/** Sizes that a test can change; jsdom lays nothing out. */
export const grown: (() => void)[] = [];

beforeEach(() => {
  grown.length = 0;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        grown.push(callback);
      }
      observe(): void {}
      disconnect(): void {}
    }
  );
});

afterEach(cleanup);
