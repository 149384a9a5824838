import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import type { PageParts } from '../../src/page/room-panel';
import { InNotebook } from '../../src/widget/in-notebook';
import { wantedOf } from '../../src/widget/wanted';
import { Page } from '../fakes/page';

const CLOSED = 'Open this notebook to see the copilot here.';

/** A panel in a console of a notebook, whether that is open or not. */
function inConsole({ rooms }: Page, path: string): InNotebook {
  const contents = { localPath: (each: string) => each };
  const trans = nullTranslator.load('jupyterlab');
  const rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
  const parts = { contents, trans, rendermime } as unknown as PageParts;
  const panel = new InNotebook({ rooms, parts }, wantedOf({}), path);
  Widget.attach(panel, document.body);
  return panel;
}

async function write(text: string): Promise<void> {
  const field = await screen.findByRole('combobox');
  fireEvent.change(field, { target: { value: text } });
  fireEvent.keyDown(field, { key: 'Enter' });
}

test('a panel in a console follows its notebook’s tab as that is closed and opened again', async () => {
  const page = new Page();
  const before = await page.open('a.ipynb', ['1']);
  const panel = inConsole(page, 'a.ipynb');
  await screen.findByRole('combobox');
  act(() => before.close());
  await screen.findByText(CLOSED);
  const { room } = await page.open('a.ipynb', ['1']);
  await write('Why?');
  await waitFor(async () => {
    await page.serve();
    expect(Object.values(room.state.messages).map(message => message.text)).toEqual(['Why?']);
  });
  panel.dispose();
});
