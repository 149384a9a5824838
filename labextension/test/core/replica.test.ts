// @vitest-environment node
import { expect, it } from 'vitest';
import { Replica } from '../../src/core/replica';
import { initial } from '../../src/core/state';
import type { Cursor, LogRecord } from '../../src/protocol';
import { decodeRecord } from '../../src/protocol/decode';
import { Gap } from '../../src/protocol/errors';
import { cases } from '../fakes/vectors';

type Step = (
  | { do: 'begin'; log: string }
  | { do: 'records'; first: number; records: unknown[] }
  | { do: 'snapshot'; log: string; seq: number }
  | { do: 'settle'; seq: number }
  | { do: 'abandon' }
  | { do: 'forget' }
) & { gap?: true; cursor?: Cursor | null; shown?: number };

function take(replica: Replica, step: Step): void {
  switch (step.do) {
    case 'begin':
      return replica.begin(step.log);
    case 'records': {
      const records = step.records.map(record => decodeRecord(record) as LogRecord);
      return replica.fold({ type: 'records', first: step.first, records });
    }
    case 'snapshot': {
      const { log, seq } = step;
      return replica.replace({ type: 'snapshot', log, seq, state: { ...initial(log), seq } });
    }
    case 'settle':
      return replica.settle(step.seq);
    case 'abandon':
      return replica.abandon();
    case 'forget':
      return replica.forget();
  }
}

it.each(cases<{ steps: Step[] }>('replica'))('$name', ({ steps }) => {
  const replica = new Replica();
  for (const step of steps) {
    const taking = () => take(replica, step);
    if (step.gap) {
      expect(taking, JSON.stringify(step)).toThrow(Gap);
    } else {
      taking();
    }
    if (step.cursor !== undefined) {
      expect(replica.cursor, JSON.stringify(step)).toEqual(step.cursor);
    }
    if (step.shown !== undefined) {
      expect(replica.state?.seq, JSON.stringify(step)).toBe(step.shown);
    }
  }
});
