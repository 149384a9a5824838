import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';
import type { Call, RoomState, You } from '../../src/protocol';
import { offersTo, standing } from '../../src/view-model/permissions/rules';

const trans = nullTranslator.load('test');
const ALL: You = {
  id: 'alice',
  name: 'Alice',
  kind: 'person',
  can: ['read', 'write', 'execute', 'decide'],
  color: null,
  initials: null,
  groups: []
};
const SCOPE = {
  effect: null,
  tool: null,
  server: null,
  cells: [],
  tags: [],
  command: null,
  pattern: null
} as const;

function asked(count: number, dangers: string[] = []): RoomState {
  const scene = new Scene().say(ALICE, NOW, 'Run all');
  for (let n = 0; n < count; n++) {
    const circumstances = {
      definition: 'd',
      server: '',
      tags: {},
      locks: {},
      dangers: n === 0 ? dangers : [],
      fetches: false
    };
    const more = { status: 'proposed', effect: 'execute', tool: 'run_cell', circumstances };
    scene.call(`Run cell ${n}`, NOW, { ...more, code: `f(${n})` }, {});
  }
  return scene.state();
}

function firstCall(state: RoomState): Call {
  return Object.values(state.calls)[0]!;
}

it('offers to run without asking until the answer ends, for an hour, and exactly this code', () => {
  const call = firstCall(asked(1));
  const offers = offersTo(ALL, call, null, trans);
  expect(offers.map(offer => offer.label)).toEqual([
    'Edit and run without asking until this answer ends',
    'Edits and runs in this chat for an hour',
    'Exactly this code, always'
  ]);
  expect(offers[0]!.grant).toMatchObject({
    scope: { effect: 'execute' },
    run_id: call.run_id,
    agents: ['copilot']
  });
  expect(offers[2]!.grant.scope.command).toBe('f(0)');
});

it('offers that the steps of a plan go on, no wider than the plan and only in its answer', () => {
  const plan = (...effects: string[]) => {
    const args = { title: 'Clean', steps: effects.map(effect => ({ do: 'It', effect })) };
    return { ...firstCall(asked(1)), tool: 'propose_plan', effect: 'read', args } as Call;
  };
  const offers = offersTo(ALL, plan('read', 'edit'), null, trans);
  expect(offers.map(offer => offer.label)).toEqual(['Its edits, until this answer ends']);
  expect(offers[0]!.grant).toMatchObject({ scope: { effect: 'edit' }, run_id: plan().run_id });
  expect(offersTo(ALL, plan('edit', 'execute'), null, trans)[0]!.grant.scope.effect).toBe(
    'execute'
  );
  expect(offersTo(ALL, plan('read'), null, trans)).toEqual([]);
});

it('offers the tag that all cells have, and all tools of an MCP server', () => {
  const call = firstCall(asked(1));
  const cell = { cell_id: 'a', action: 'run', cell_type: 'code', after: 'f()', label: '' };
  const circumstances = { ...call.circumstances!, tags: { a: ['copilot: read-only', 'draft'] } };
  const tagged = { ...call, circumstances, preview: { ...call.preview, cells: [cell] } } as never;
  const labels = offersTo(ALL, tagged, null, trans).map(offer => offer.label);
  expect(labels).toContain('Only in cells tagged draft, in this chat');
  const foreign = {
    ...call,
    preview: { ...call.preview, code: null },
    circumstances: { ...call.circumstances!, server: 'db' }
  } as Call;
  const offered = offersTo(ALL, foreign, null, trans).at(-1)!;
  expect([offered.label, offered.grant.scope.server]).toEqual([
    'All tools of db in this chat',
    'db'
  ]);
});

it('offers nothing that this person may not grant', () => {
  expect(
    offersTo({ ...ALL, can: ['read', 'write', 'decide'] }, firstCall(asked(1)), null, trans)
  ).toEqual([]);
  expect(
    offersTo({ ...ALL, can: ['read', 'write', 'execute'] }, firstCall(asked(1)), null, trans)
  ).toEqual([]);
});

it('says what is in force, whose it is, how often it was used, and ends it', () => {
  const state = asked(1);
  const rule = {
    rule_id: 'r',
    granted_by: ALICE,
    granted_at: NOW,
    agents: [],
    run_id: null,
    thread_id: 'main',
    until: null,
    uses: null,
    definitions: {},
    used: 2
  };
  state.rules['r'] = { ...rule, scope: { ...SCOPE, effect: 'edit' } };
  state.rules['s'] = {
    ...rule,
    rule_id: 's',
    thread_id: 'other',
    scope: { ...SCOPE, effect: 'edit' }
  };
  state.rules['t'] = { ...rule, rule_id: 't', until: NOW, scope: { ...SCOPE, effect: 'edit' } };
  const lines = standing(state, 'main', NOW, trans);
  expect(lines).toEqual([
    {
      key: 'r',
      text: 'Edits in this chat',
      details: 'allowed by Alice · used 2 times',
      end: { type: 'end_rule', rule_id: 'r' }
    }
  ]);
});

it('shows a mode that ends by itself, and ends it by asking again', () => {
  const state = asked(1);
  const thread = state.threads['main']!;
  state.threads['main'] = { ...thread, mode: 'auto', mode_one_answer: true, mode_by: ALICE };
  expect(standing(state, 'main', NOW, trans)).toMatchObject([
    {
      text: 'Auto until the answer ends',
      end: { type: 'set_mode', thread_id: 'main', mode: 'ask' }
    }
  ]);
});
