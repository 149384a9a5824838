import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';

import type { Output } from '../protocol';

const TELL_EVERY_MS = 300;

/** Tells of a running cell's text as it grows, a few times a second, until it is disposed. */
export class OutputFollower implements IDisposable {
  constructor(
    private readonly cell: ICodeCellModel,
    private readonly onOutput: (output: Output) => void
  ) {
    this.timer = setInterval(() => this.tell(), TELL_EVERY_MS);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearInterval(this.timer);
  }

  private tell(): void {
    for (const kind of ['stdout', 'stderr'] as const) {
      const text = this.textOf(kind);
      const told = this.told[kind];
      if (!text.startsWith(told)) {
        this.send('clear', '');
        this.told = { stdout: '', stderr: '' };
        return;
      }
      if (text.length > told.length) {
        this.told[kind] = text;
        this.send(kind, text.slice(told.length));
      }
    }
  }

  private textOf(kind: 'stdout' | 'stderr'): string {
    return this.cell.outputs
      .toJSON()
      .filter(output => output.output_type === 'stream' && output.name === kind)
      .map(output => ([] as string[]).concat(output.text as string | string[]).join(''))
      .join('');
  }

  private send(kind: Output['kind'], text: string): void {
    this.onOutput({ kind, text, image: null, cell_id: this.cell.id });
  }

  private told = { stdout: '', stderr: '' };
  private _isDisposed = false;
  private readonly timer: ReturnType<typeof setInterval>;
}
