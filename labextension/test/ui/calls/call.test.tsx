import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test } from 'vitest';

import { CallLine } from '../../../src/ui/calls/call';
import type { Output } from '../../../src/protocol';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { FakePage, show } from '../page';

const SEEN = {
  mime: 'image/png',
  data: 'AAAA',
  name: 'Outputs as they look in the notebook',
  digest: '',
  bytes: 0
};

function pictures(outputs: Output[]): string[] {
  const result = { text: '', images: [SEEN], cells: [] };
  const state = new Scene()
    .say(ALICE, NOW, 'x')
    .call('Look at the outputs of cell 1', NOW, { result, outputs })
    .state();
  show(<CallLine call={Object.values(state.calls)[0]!} />);
  fireEvent.click(screen.getByRole('button', { name: /^Details/ }));
  return screen.getAllByRole('img').flatMap(each => each.getAttribute('alt') ?? []);
}

test('people can see the picture that the copilot was shown', () => {
  expect(pictures([])).toEqual([SEEN.name]);
});

test('a picture that the call drew itself is not shown twice', () => {
  const image = { ...SEEN, name: 'A plot' };
  expect(pictures([{ kind: 'image', text: '', image, cell_id: 'c1' }])).toEqual(['A plot']);
});

test.each<[Output['kind'], string]>([
  ['stdout', 'done'],
  ['error', 'done; the code raised an error']
])('a finished call with an output of kind %s is marked: %s', (kind, mark) => {
  const outputs: Output[] = [{ kind, text: 'x', image: null, cell_id: 'c1' }];
  const state = new Scene().say(ALICE, NOW, 'x').call('Run cell 1', NOW, { outputs }).state();
  show(<CallLine call={Object.values(state.calls)[0]!} />);
  expect(screen.getByRole('img', { name: mark })).toBeTruthy();
});

test('a picture that is named by its digest is fetched, and one that is gone says so', async () => {
  const digest = 'd'.repeat(64);
  const named = { mime: 'image/png', data: '', name: 'A plot', digest, bytes: 3 };
  const result = { text: '', images: [named, { ...named, digest: 'e'.repeat(64) }], cells: [] };
  const state = new Scene()
    .say(ALICE, NOW, 'x')
    .call('Look at the outputs of cell 1', NOW, { result, outputs: [] })
    .state();
  const picture = (wanted: string) => Promise.resolve(wanted === digest ? 'AAAA' : null);
  show(
    <CallLine call={Object.values(state.calls)[0]!} />,
    Object.assign(new FakePage(), { picture })
  );
  fireEvent.click(screen.getByRole('button', { name: /^Details/ }));
  const drawn = await screen.findByRole('img', { name: 'A plot' });
  expect(drawn.getAttribute('src')).toBe('data:image/png;base64,AAAA');
  expect(await screen.findByText('A picture that is no longer kept')).toBeTruthy();
});

test('what an agent did by itself says that nobody was asked, and a read or a decided call does not', () => {
  const alone = { effect: 'execute', adapter: 'acp', confirmation_id: null } as const;
  const drawn = (more: Record<string, unknown>) => {
    const state = new Scene().say(ALICE, NOW, 'x').call('Fetch it', NOW, more).state();
    return show(<CallLine call={Object.values(state.calls)[0]!} />).container.textContent;
  };
  expect(drawn(alone)).toContain('not asked');
  expect(drawn({ ...alone, effect: 'read' })).not.toContain('not asked');
  expect(drawn({ ...alone, confirmation_id: 'q' })).not.toContain('not asked');
  expect(drawn({ ...alone, adapter: 'live' })).not.toContain('not asked');
});
