import { expect, test, vi } from 'vitest';

import { numbers } from '../../../src/plugins/cells/numbers';
import { Page } from '../../fakes/page';

test('each cell has its number, also when another comes above it', async () => {
  const page = new Page();
  const { content, model } = await page.open('a.ipynb', ['one', 'two']);
  void numbers.activate(page.app, page.rooms);
  const found = () => content.widgets.map(({ node }) => node.dataset.copilotNumber);
  expect(found()).toEqual(['1', '2']);
  model.sharedModel.insertCell(0, { cell_type: 'code', source: 'zero' });
  await vi.waitFor(() => expect(found()).toEqual(['1', '2', '3']));
});
