import { CommandRegistry } from '@lumino/commands';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { cellButton, keepKeys } from '../../src/notebook/own-keys';

const NOTEBOOK = 'notebook';
let deleted = 0;
let saved = 0;

/** As JupyterLab binds the keys of command mode. */
const commands = new CommandRegistry();
commands.addCommand('delete', { execute: () => (deleted += 1) });
commands.addKeyBinding({ command: 'delete', keys: ['X'], selector: `.${NOTEBOOK} :focus` });
commands.addKeyBinding({ command: 'delete', keys: ['Ctrl X'], selector: `.${NOTEBOOK} :focus` });
commands.addCommand('save', { execute: () => (saved += 1) });
commands.addKeyBinding({ command: 'save', keys: ['Ctrl S'], selector: 'body' });
const listen = (event: KeyboardEvent) => commands.processKeydownEvent(event);

beforeEach(() => {
  deleted = 0;
  saved = 0;
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

function press(element: HTMLElement, key = 'x', ctrlKey = false): void {
  element.focus();
  const keyCode = key.toUpperCase().charCodeAt(0);
  const pressed = { key, keyCode, ctrlKey, bubbles: true, cancelable: true };
  element.dispatchEvent(new KeyboardEvent('keydown', pressed));
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

test('keys that mean something in all of the page still do, once, and none of them in the notebook', () => {
  const button = cellButton('Fix', () => undefined);
  const frame = document.createElement('div');
  const inner = document.createElement('button');
  frame.append(inner);
  keepKeys(frame);
  notebook(button, frame);
  for (const [index, element] of [button, inner].entries()) {
    press(element, 's', true);
    expect(saved).toBe(index + 1);
    press(element, 'x', true);
  }
  expect(deleted).toBe(0);
});
