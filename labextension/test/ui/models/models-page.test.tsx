import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';
import { beforeEach, expect, test, vi } from 'vitest';

import ModelsPage, { type ModelsPageProps } from '../../../src/ui/models/models-page';
import type { ProviderList, Trial } from '../../../src/view-model/providers';
import { show as draw } from '../page';

const KNOWN = [
  {
    id: 'openai',
    label: 'OpenAI',
    base_url: 'https://api.openai.com/v1',
    wants_key: true,
    note: ''
  },
  {
    id: 'ollama',
    label: 'Ollama',
    base_url: 'http://127.0.0.1:11434/v1',
    wants_key: false,
    note: 'Start it.'
  }
];
const SAVED = {
  name: 'openai',
  provider: 'openai',
  base_url: 'https://api.openai.com/v1',
  models: [{ model: 'gpt', context_tokens: 128000 }],
  has_key: true
};
const GOOD: Trial = {
  ok: true,
  message: 'It answers.',
  hint: '',
  models: [
    { model: 'qwen', context_tokens: 32000 },
    { model: 'tiny', context_tokens: null }
  ]
};

let list: ProviderList;
let props: ModelsPageProps;

beforeEach(() => {
  list = { editable: true, reason: '', known: KNOWN, saved: [SAVED], configured: ['lab'] };
  props = {
    list: vi.fn(async () => list),
    test: vi.fn(async () => GOOD),
    keep: vi.fn(async () => list),
    remove: vi.fn(async () => ({ ...list, saved: [] })),
    onClose: vi.fn()
  };
});

function show(): void {
  draw(<ModelsPage {...props} />);
}

const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));

test('a provider is added: address and key, a test in words, a model from its list, and its context', async () => {
  show();
  await press('OpenAI');
  const key = screen.getByLabelText('Key');
  expect(key.getAttribute('type')).toBe('password');
  fireEvent.change(key, { target: { value: 'sk-1' } });
  expect(screen.getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(true);
  await press('Test');
  await screen.findByText(/It answers/);
  fireEvent.change(screen.getByLabelText('Name of a model'), { target: { value: 'qwen' } });
  await press('Add');
  const size = screen.getByLabelText('Context of qwen, in tokens') as HTMLInputElement;
  expect(size.value).toBe('32000');
  fireEvent.change(size, { target: { value: '16000' } });
  await press('Save');
  expect(props.keep).toHaveBeenCalledWith({
    name: 'openai-2',
    provider: 'openai',
    base_url: 'https://api.openai.com/v1',
    key: 'sk-1',
    models: [{ model: 'qwen', context_tokens: 16000 }]
  });
  await screen.findByText('Add a provider');
});

test('a kept key is not shown, and stays when none is typed', async () => {
  show();
  await press('Change openai');
  const key = screen.getByLabelText('Key') as HTMLInputElement;
  expect([key.value, key.placeholder]).toEqual([
    '',
    'The saved key stays unless you type another one'
  ]);
  await press('Save');
  expect(props.keep).toHaveBeenCalledWith(expect.objectContaining({ name: 'openai', key: '' }));
});

test('what a test or the server refuses is said, and the form stays', async () => {
  props.test = async () => Promise.reject(new Error('Not reachable. Start it.'));
  props.keep = async () => Promise.reject(new Error('Not so.'));
  show();
  await press('Ollama');
  expect(screen.getByText('Start it.')).toBeTruthy();
  await press('Test');
  expect(await within(screen.getByRole('status')).findByText(/✕ Not reachable/)).toBeTruthy();
  fireEvent.change(screen.getByLabelText('Name of a model'), { target: { value: 'm' } });
  fireEvent.keyDown(screen.getByLabelText('Name of a model'), { key: 'Enter' });
  await press('Save');
  expect((await screen.findByRole('alert')).textContent).toBe('Not so.');
  expect(screen.getByRole('button', { name: 'Save' })).toBeTruthy();
});

test('one is removed, and the page is left', async () => {
  show();
  await press('Remove openai');
  await waitFor(() => expect(screen.queryByText('OpenAI', { selector: 'strong' })).toBeNull());
  expect(props.remove).toHaveBeenCalledWith('openai');
  await press('Back to the chat');
  expect(props.onClose).toHaveBeenCalled();
});

test('where an administrator chose, the page says so and offers nothing to change', async () => {
  list = {
    ...list,
    editable: false,
    reason: 'An administrator chose the models of this server.',
    saved: []
  };
  show();
  await screen.findByText('An administrator chose the models of this server.');
  expect(screen.getByText('Set up by an administrator: lab')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'OpenAI' })).toBeNull();
});
