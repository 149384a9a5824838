import type { IDisposable } from '@lumino/disposable';

import { bar } from '../core/policy';
import { RejectedError } from '../protocol/errors';
import type { CopilotModel } from '../model/copilot-model';
import type { Operation, Output, OperationReport } from '../protocol';
import { decodeOperation } from '../protocol/decode';
import { type Claimed, isLost, offers, patience, stands } from './claims';
import { failure } from './operation';

const RENEW_MS = 4000;

/** The part of a room's model that the worker uses. */
export type WorkerModel = Pick<
  CopilotModel,
  | 'clientId'
  | 'state'
  | 'you'
  | 'participants'
  | 'stateChanged'
  | 'claim'
  | 'renewClaim'
  | 'reportOutput'
  | 'report'
>;

export interface WorkerOptions {
  model: WorkerModel;
  /** Whether this tab can act now, and its person lets it. */
  isReady: () => boolean;
  /** Does an operation; tells of text as it grows. A rejection is reported as a failure. */
  perform: (operation: Operation, tell: (output: Output) => void) => Promise<OperationReport>;
  /** Stops the cell that this tab runs. */
  interrupt: () => void;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
  random: () => number;
}

/**
 * Does what the agent may do through this tab: takes an offered call, does it once, and reports.
 *
 * The effect begins only after the server has acknowledged that it does. A tab that loses the call before then does
 * nothing; one that loses it while a cell runs stops the cell.
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
    this.holds.forEach(letGo => letGo()); // the work may never end without its notebook
  }

  private look(): void {
    const { model, isReady } = this.options;
    const { state, you } = model;
    if (state === null || you === null || !isReady()) {
      return;
    }
    for (const call of offers(state)) {
      const { fence, until } = call.claim;
      const claim = { type: 'claim_call', call_id: call.call_id, fence } as const;
      if (bar(state, claim, { kind: 'person', id: you.id }, you.can) !== null) {
        continue;
      }
      const key = `${call.call_id} ${fence} ${until}`; // an offer, not its call
      if (!this.seen.has(key)) {
        this.seen.add(key);
        void this.consider(call);
      }
    }
  }

  /** Wait as long as is polite, and take the call if it is still offered. */
  private async consider({ call_id, claim }: Claimed): Promise<void> {
    const { model, pause } = this.options;
    await pause(this.patienceFor(claim));
    if (this._isDisposed || model.state === null || !stands(model.state, call_id, claim.fence)) {
      return;
    }
    try {
      await model.claim(call_id, claim.fence);
      await model.renewClaim(call_id, claim.fence, true);
    } catch {
      return; // Another tab was first, or the offer was taken back: both are as they should be.
    }
    await this.work(call_id, claim.fence, decodeOperation(claim.operation));
  }

  private patienceFor(claim: Claimed['claim']): number {
    const { model, random } = this.options;
    const { clientId, participants } = model;
    return patience(claim, {
      clientId,
      present: new Set(participants.map(p => p.client_id)),
      focused: participants.find(p => p.client_id === clientId)?.focused ?? false,
      random: random()
    });
  }

  private async work(
    callId: string,
    fence: number,
    operation: Operation | undefined
  ): Promise<void> {
    const { model } = this.options;
    const letGo = this.hold(callId, fence, operation);
    const tell = (output: Output) => {
      model.reportOutput(callId, fence, output).catch(() => undefined); // the report has all of it
    };
    const report = await this.performed(operation, tell);
    letGo();
    try {
      await this.report(callId, fence, report);
    } catch (error) {
      // The claim was lost meanwhile, which people are told as a doubt; or this page closes.
      console.warn('What the copilot did in this page could not be reported.', error);
    }
  }

  private async performed(
    operation: Operation | undefined,
    tell: (output: Output) => void
  ): Promise<OperationReport> {
    if (operation === undefined) {
      const message = 'This page is older than the server, and cannot do what it asks for.';
      return failure('unknown_operation', message, 'Reload the page.');
    }
    return this.options
      .perform(operation, tell)
      .catch((error: unknown) =>
        failure('notebook', error instanceof Error ? error.message : String(error))
      );
  }

  /** OperationReport how an operation ended; one that is too large to send is reported as that. */
  private async report(callId: string, fence: number, report: OperationReport): Promise<void> {
    const { model } = this.options;
    try {
      await model.report(callId, fence, { ...report });
    } catch (error) {
      if (!(error instanceof RejectedError) || error.code !== 'too_large') {
        throw error;
      }
      await model.report(callId, fence, { ...failure(error.code, error.message) });
    }
  }

  /** Keep the claim alive, and stop the cell when it is lost all the same; returns how to end both. */
  private hold(callId: string, fence: number, operation: Operation | undefined): () => void {
    const { model, interrupt } = this.options;
    const renewing = setInterval(() => {
      model.renewClaim(callId, fence, true).catch(() => undefined); // `lost` notices what it means
    }, RENEW_MS);
    const lost = () => {
      if (model.state !== null && isLost(model.state, callId, fence, model.clientId)) {
        model.stateChanged.disconnect(lost);
        if (operation?.type === 'run') {
          interrupt();
        }
      }
    };
    model.stateChanged.connect(lost);
    const letGo = () => {
      clearInterval(renewing);
      model.stateChanged.disconnect(lost);
      this.holds.delete(letGo);
    };
    this.holds.add(letGo);
    return letGo;
  }

  private readonly seen = new Set<string>();
  private readonly holds = new Set<() => void>();
  private _isDisposed = false;
}
