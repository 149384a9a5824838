import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Completer } from '../../src/completion/completer';
import { CompletionSwitch, type Wishes } from '../../src/completion/completion-switch';
import { FakeEditor, FakeModel } from './fake-editor';

const TOLD = 0;
const TYPED = 1;
const NEAR = { name: 'coder', label: 'Coder', host: 'localhost:1', costs: false };
const FAR = { name: 'big', label: 'Big', host: 'api.example.com', costs: true };

let wishes: Wishes;
let switched: CompletionSwitch;
let model: FakeModel;
let types: boolean;
let now: number;
let completer: Completer;

beforeEach(() => {
  wishes = { completion: 'auto', completionModel: '' };
  now = 0;
  types = true;
  switched = new CompletionSwitch(
    () => wishes,
    () => now
  );
  switched.take({ allowed: true, models: [NEAR, FAR], unasked: true });
  model = new FakeModel();
  const typing = { isIn: () => types };
  completer = new Completer({ ask: model.ask, tab: 't', switched, typing, now: () => now });
});

async function complete(editor: FakeEditor, kind = TYPED): Promise<string[]> {
  const { items } = await completer.fetch(editor.request, editor.context(kind));
  return items.map(item => item.error?.message ?? item.insertText);
}

/** The whole answer at once. */
async function answered(editor: FakeEditor, text: string, kind = TYPED): Promise<string[]> {
  const shown = complete(editor, kind);
  await vi.waitFor(() => expect(model.asked.length).toBeGreaterThan(0));
  model.say(text);
  model.end();
  await new Promise(resolve => setTimeout(resolve));
  return shown;
}

test('what the model says is shown as it comes', async () => {
  const editor = new FakeEditor('df.', '\nprint()');
  const fetched = completer.fetch(editor.request, editor.context(TYPED));
  model.say('he');
  const { items } = await fetched;
  expect(items).toMatchObject([{ insertText: 'he', isIncomplete: true }]);
  expect(model.asked[0]).toMatchObject({
    code: { prefix: 'df.', suffix: '\nprint()', language: 'python' },
    model: 'coder',
    again: false
  });
  const stream = completer.stream(items[0]!.token!);
  model.say('head()');
  expect((await stream.next()).value!.response.insertText).toBe('head()');
  model.end();
  expect((await stream.next()).value?.response.insertText ?? 'head()').toBe('head()');
  expect((await stream.next()).done).toBe(true);
});

describe('nothing is sent', () => {
  test.each(['auto', 'on', 'invoke', 'off'] as const)(
    'where it is not allowed (%s)',
    async completion => {
      wishes = { ...wishes, completion };
      switched.take({ allowed: false, models: [], unasked: false });
      expect(await complete(new FakeEditor('x'), TOLD)).toEqual([]);
      expect(model.asked).toEqual([]);
    }
  );

  test('when it is off, not even when told to', async () => {
    wishes = { ...wishes, completion: 'off' };
    expect(await complete(new FakeEditor('x'), TOLD)).toEqual([]);
    expect(model.asked).toEqual([]);
  });

  test('to a model that costs money, until somebody switches it on', async () => {
    switched.take({ allowed: true, models: [FAR], unasked: false });
    expect(await complete(new FakeEditor('x'), TOLD)).toEqual([]);
    expect(model.asked).toEqual([]);
    wishes = { ...wishes, completion: 'on' };
    expect(await answered(new FakeEditor('x'), 'y')).toEqual(['y']);
  });

  test('without being told to, where only a key asks', async () => {
    wishes = { ...wishes, completion: 'invoke' };
    expect(await complete(new FakeEditor('x'))).toEqual([]);
    expect(model.asked).toEqual([]);
    expect(await answered(new FakeEditor('x'), 'y', TOLD)).toEqual(['y']);
  });

  test('for a change that nobody typed: a collaborator, the agent, undo', async () => {
    types = false;
    expect(await complete(new FakeEditor('x'))).toEqual([]);
    expect(model.asked).toEqual([]);
  });

  test('for an editor without the focus', async () => {
    const editor = new FakeEditor('x');
    editor.isFocused = false;
    expect(await complete(editor)).toEqual([]);
    expect(model.asked).toEqual([]);
  });

  test('for text that is no code', async () => {
    const editor = new FakeEditor('x');
    for (const mimeType of ['text/x-ipythongfm', 'text/plain', 'text/markdown']) {
      const request = { ...editor.request, mimeType };
      expect((await completer.fetch(request, editor.context(TOLD))).items).toEqual([]);
    }
    expect(model.asked).toEqual([]);
  });

  test('for a place that was answered: the same one, or one that was typed along', async () => {
    const editor = new FakeEditor('df.');
    await answered(editor, 'head()');
    expect(await complete(editor)).toEqual(['head()']);
    editor.type('he');
    expect(await complete(editor)).toEqual(['ad()']);
    editor.type('ad()');
    expect(await complete(editor)).toEqual([]);
    expect(await complete(new FakeEditor('df.'))).toEqual(['head()']);
    expect(model.asked).toHaveLength(1);
  });

  test('for a place where the model had nothing to say', async () => {
    const editor = new FakeEditor('x');
    const shown = complete(editor);
    model.end();
    expect(await shown).toEqual([]);
    expect(await complete(editor)).toEqual([]);
    expect(model.asked).toHaveLength(1);
  });
});

describe('an answer on its way is let go', () => {
  test('at once when something else is typed', async () => {
    const editor = new FakeEditor('df.');
    const shown = complete(editor);
    model.say('head');
    await shown;
    editor.type('t');
    await vi.waitFor(() => expect(model.aborted).toBe(1));
  });

  test('when the cursor goes elsewhere, or the person does', async () => {
    const editor = new FakeEditor('df.');
    void complete(editor);
    editor.move(1);
    await vi.waitFor(() => expect(model.aborted).toBe(1));
    void complete(editor);
    editor.host.dispatchEvent(new FocusEvent('focusout'));
    await vi.waitFor(() => expect(model.aborted).toBe(2));
    expect(model.asked).toHaveLength(2);
  });

  test('when another place asks', async () => {
    void complete(new FakeEditor('a.'));
    void complete(new FakeEditor('b.'));
    await vi.waitFor(() => expect(model.aborted).toBe(1));
  });

  test('but not when what it says is typed', async () => {
    const editor = new FakeEditor('df.');
    const shown = complete(editor);
    model.say('he');
    await shown;
    editor.type('hea');
    const along = completer.fetch(editor.request, editor.context(TYPED));
    await new Promise(resolve => setTimeout(resolve, 5));
    model.say('head()');
    const { items } = await along;
    expect([model.aborted, model.asked.length]).toEqual([0, 1]);
    const pieces = completer.stream(items[0]!.token!);
    model.end();
    expect((await pieces.next()).value!.response.insertText).toBe('d()');
  });
});

test('told to at a place that was answered, it asks for another text and gives both', async () => {
  const editor = new FakeEditor('df.');
  await answered(editor, 'head()');
  const shown = complete(editor, TOLD);
  expect(model.asked[1]).toMatchObject({ again: true });
  model.say('tail()');
  model.end();
  expect(await shown).toEqual(['head()', 'tail()']);
});

test('a failure is told only to whoever asked, and typing pauses for a growing while', async () => {
  const problem = { message: 'No such key.', hint: 'Correct it.' };
  const editor = new FakeEditor('a');
  const shown = complete(editor);
  model.tell({ type: 'problem', problem });
  model.end();
  expect(await shown).toEqual([]);
  expect(switched.problem).toEqual(problem);
  editor.type('b');
  expect(await complete(editor)).toEqual([]);
  expect(model.asked).toHaveLength(1);
  const told = complete(editor, TOLD);
  model.tell({ type: 'problem', problem });
  model.end();
  expect(await told).toEqual(['No such key. Correct it.']);
  now += 16_000;
  expect(await complete(editor)).toEqual([]); // the second pause is longer
  now += 30_000;
  expect(await answered(editor, 'c')).toEqual(['c']);
  expect(switched.problem).toBeNull();
});

test('a model that takes too long is asked only when told to', async () => {
  for (let n = 0; n < 5; n++) {
    switched.answered(2000);
  }
  expect(await complete(new FakeEditor('x'))).toEqual([]);
  expect(model.asked).toEqual([]);
  switched.reconsider();
  expect(await answered(new FakeEditor('x'), 'y')).toEqual(['y']);
});

test('characters outside of the basic plane count once', async () => {
  await answered(new FakeEditor('s = "😀"; t', '\nu'), 'x');
  expect(model.asked[0]!.code).toMatchObject({ prefix: 's = "😀"; t', suffix: '\nu' });
});

test('another model forgets what the one before said', async () => {
  const editor = new FakeEditor('x');
  await answered(editor, 'y');
  completer.forget();
  wishes = { completion: 'on', completionModel: 'big' };
  const shown = complete(editor);
  model.say('z');
  model.end();
  await shown;
  expect(model.asked.map(each => each.model)).toEqual(['coder', 'big']);
});
