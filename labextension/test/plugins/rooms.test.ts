import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { type ITranslator, nullTranslator } from '@jupyterlab/translation';
import { expect, test, vi } from 'vitest';

import { rooms } from '../../src/plugins/rooms';
import { Page } from '../fakes/page';

test('settings that cannot be read are told in the person’s language', async () => {
  const page = new Page();
  const app = Object.assign(page.app, {
    serviceManager: { serverSettings: {} },
    name: 'JupyterLab'
  });
  const registry = { load: () => Promise.reject(new Error('No such schema.')) };
  const bundle = {
    ...nullTranslator.load(''),
    __: (id: string, ...more: unknown[]) => `„${id}“ ${more.join()}`
  };
  const translator = { load: () => bundle } as unknown as ITranslator;
  void rooms.activate(
    app,
    page.tracker as unknown as INotebookTracker,
    registry as unknown as ISettingRegistry,
    translator
  );
  await vi.waitFor(() => expect(Notification.manager.count).toBe(1));
  expect(Notification.manager.notifications[0]!.message).toBe(
    '„The settings of the copilot cannot be read: %1“ Error: No such schema.'
  );
});
