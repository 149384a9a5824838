// @vitest-environment node
import { expect, it } from 'vitest';
import { lockOf } from '../../../src/core/permissions/locks';
import { cases } from '../../fakes/vectors';

it.each(cases<{ metadata: { [key: string]: unknown }; lock: string | null }>('locks'))(
  '$name',
  ({ metadata, lock }) => {
    expect(lockOf(metadata)).toBe(lock);
  }
);
