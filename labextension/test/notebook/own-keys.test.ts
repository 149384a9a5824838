import { CommandRegistry } from '@lumino/commands';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { cellButton, keepKeys } from '../../src/notebook/own-keys';

const NOTEBOOK = 'notebook';
let deleted = 0;

/** As JupyterLab binds the keys of command mode. */
const commands = new CommandRegistry();
commands.addCommand('delete', { execute: () => (deleted += 1) });
commands.addKeyBinding({ command: 'delete', keys: ['X'], selector: `.${NOTEBOOK} :focus` });
const listen = (event: KeyboardEvent) => commands.processKeydownEvent(event);

beforeEach(() => {
  deleted = 0;
  document.addEventListener('keydown', listen, true);
});

afterEach(() => {
  document.removeEventListener('keydown', listen, true);
  document.body.replaceChildren();
});

function notebook(...children: HTMLElement[]): void {
  const node = document.createElement('div');
  node.className = NOTEBOOK;
  node.append(...children);
  document.body.append(node);
}

function press(element: HTMLElement): void {
  element.focus();
  element.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', keyCode: 88, bubbles: true }));
}

test('a foreign button in a notebook gives its keys away, so that the test means something', () => {
  const button = document.createElement('button');
  notebook(button);
  press(button);
  expect(deleted).toBe(1);
});

test('a button of ours keeps them', () => {
  const button = cellButton('Fix', () => undefined);
  notebook(button);
  press(button);
  expect(deleted).toBe(0);
});

test('whatever comes into an element that keeps its keys keeps them too, also later', () => {
  const frame = document.createElement('div');
  notebook(frame);
  keepKeys(frame);
  const link = document.createElement('a');
  link.href = '#';
  const group = document.createElement('div');
  group.tabIndex = 0;
  frame.append(link, group);
  for (const element of [link, group]) {
    press(element);
  }
  expect(deleted).toBe(0);
});
