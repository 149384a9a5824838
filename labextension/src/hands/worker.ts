import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import type { CopilotModel } from '../model';
import type { JsonObject, Output } from '../protocol';
import type { FrontEndTool } from '../tokens';
import { applyChanges } from './changes';
import { type Claimed, isLost, offers, patience, stands } from './claims';
import { failure, OK, type Operation, type Report } from './operation';
import { runCell } from './run';

const RENEW_MS = 4000;

export interface WorkerOptions {
  model: CopilotModel;
  panel: NotebookPanel;
  /** Whether the person lets the agent act through this page. */
  mayAct: () => boolean;
  tool: (name: string) => FrontEndTool | undefined;
}

/**
 * Does what the agent may do through this tab: takes an offered call, does it once, and reports.
 *
 * The effect begins only after the server has acknowledged that it does; a tab that loses the call before then does
 * nothing, and one that loses it while a cell runs interrupts the kernel.
 */
export class Worker implements IDisposable {
  constructor(private readonly options: WorkerOptions) {
    options.model.stateChanged.connect(this.look, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.options.model.stateChanged.disconnect(this.look, this);
  }

  private look(): void {
    const { state } = this.options.model;
    if (state === null || !this.isReady()) {
      return;
    }
    for (const call of offers(state)) {
      const key = `${call.call_id} ${call.claim.fence} ${call.claim.until}`; // an offer, not its call
      if (!this.seen.has(key)) {
        this.seen.add(key);
        void this.consider(call);
      }
    }
  }

  private isReady(): boolean {
    const { model, panel, mayAct } = this.options;
    const may = model.you?.can.includes('execute') ?? false;
    return may && mayAct() && panel.context.isReady && !panel.isDisposed;
  }

  /** Wait as long as is polite, and take the call if it is still offered. */
  private async consider(call: Claimed): Promise<void> {
    const { model } = this.options;
    const { call_id, claim } = call;
    const own = model.participants.find(p => p.client_id === model.clientId);
    const wait = patience(claim, {
      clientId: model.clientId,
      present: new Set(model.participants.map(p => p.client_id)),
      focused: own?.focused ?? false,
      random: Math.random()
    });
    await pause(wait);
    if (this._isDisposed || model.state === null || !stands(model.state, call_id, claim.fence)) {
      return;
    }
    try {
      await model.claim(call_id, claim.fence);
      await model.renewClaim(call_id, claim.fence, true);
    } catch {
      return; // Another tab was first, or the offer was taken back: both are as they should be.
    }
    await this.work(call_id, claim.fence, claim.operation as unknown as Operation);
  }

  private async work(callId: string, fence: number, operation: Operation): Promise<void> {
    const { model, panel } = this.options;
    const renewing = setInterval(() => {
      model.renewClaim(callId, fence, true).catch(() => undefined); // `lost` notices what it means
    }, RENEW_MS);
    const lost = () => {
      if (model.state !== null && isLost(model.state, callId, fence, model.clientId)) {
        model.stateChanged.disconnect(lost);
        if (operation.type === 'run') {
          void panel.sessionContext.session?.kernel?.interrupt();
        }
      }
    };
    model.stateChanged.connect(lost);
    const tell = (output: Output) => {
      model.reportOutput(callId, fence, output).catch(() => undefined); // the report has all of it
    };
    const report = await this.perform(operation, tell).catch((error: unknown) =>
      failure('notebook', error instanceof Error ? error.message : String(error))
    );
    clearInterval(renewing);
    model.stateChanged.disconnect(lost);
    await model.report(callId, fence, report).catch((error: unknown) => {
      console.warn('What the copilot did in this page could not be reported.', error);
    });
  }

  private async perform(operation: Operation, tell: (output: Output) => void): Promise<Report> {
    const { panel, tool } = this.options;
    const kernel = panel.sessionContext.session?.kernel;
    switch (operation.type) {
      case 'apply': {
        const notebook = panel.model?.sharedModel;
        if (notebook === undefined) {
          return failure('notebook_missing', 'This tab no longer shows the notebook.');
        }
        const report = applyChanges(notebook, operation.changes, operation.exec_id);
        return report.status === 'ok' ? this.saved(report) : report;
      }
      case 'run': {
        const { cell_id, exec_id, expected = null } = operation;
        return this.saved(await runCell(panel, cell_id, exec_id, expected, tell));
      }
      case 'interrupt':
        await kernel?.interrupt();
        return OK;
      case 'restart':
        await kernel?.restart();
        return kernel ? OK : failure('kernel', 'The notebook has no kernel.');
      case 'command': {
        const found = tool(operation.name);
        if (found === undefined) {
          return failure('unknown_command', `This page cannot do “${operation.name}”.`);
        }
        return { ...OK, ...(await found.perform(operation.args)) };
      }
    }
  }

  /** The report, once the notebook is on disk too. A failed save is JupyterLab's to tell, and changes nothing here. */
  private async saved(report: Report): Promise<Report> {
    await this.options.panel.context.save().catch(() => undefined);
    return report;
  }

  private readonly seen = new Set<string>();
  private _isDisposed = false;
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** The notebook as this tab shows it, unsaved changes included. Throws when it shows none any more. */
export function notebookJson(panel: NotebookPanel): JsonObject {
  if (panel.model === null) {
    throw new Error('This tab no longer shows the notebook.');
  }
  return panel.model.sharedModel.toJSON() as unknown as JsonObject;
}
