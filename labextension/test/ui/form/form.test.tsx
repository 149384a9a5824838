import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, test } from 'vitest';

import { Form } from '../../../src/ui/form/form';
import { initialValue, problemsOf, type Schema } from '../../../src/ui/form/schema';
import { show } from '../page';

const trans = nullTranslator.load('jupyterlab');
let value: unknown;

function Live({ schema }: { schema: Schema }): JSX.Element {
  const [current, setCurrent] = React.useState(() => initialValue(schema));
  value = current;
  const problems = problemsOf(schema, current, trans);
  return <Form schema={schema} value={current} onChange={setCurrent} problems={problems} />;
}

const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required
});

describe('a form', () => {
  test('starts with the defaults of its schema', () => {
    show(<Live schema={object({ a: { type: 'string', default: 'x' }, b: { type: 'boolean' } })} />);
    expect(value).toEqual({ a: 'x', b: false });
  });

  test('gives numbers as numbers and nothing where nothing is entered', () => {
    show(<Live schema={object({ n: { type: 'number' } })} />);
    fireEvent.change(screen.getByLabelText(/^N/), { target: { value: '1.5' } });
    expect(value).toEqual({ n: 1.5 });
    fireEvent.change(screen.getByLabelText(/^N/), { target: { value: '' } });
    expect(value).toEqual({});
  });

  test('gives a text several lines where its schema says so, whatever it is called', () => {
    const code: Schema = { type: 'string', contentMediaType: 'text/plain' };
    show(<Live schema={object({ source: { type: 'string' }, query: code })} />);
    expect(screen.getByLabelText(/^Source/).tagName).toBe('INPUT');
    expect(screen.getByLabelText(/^Query/).tagName).toBe('TEXTAREA');
  });

  test('gives a choice as the value of the schema, whatever its type', () => {
    show(<Live schema={object({ n: { enum: [1, null, 'x'] } })} />);
    fireEvent.change(screen.getByLabelText(/^N/), { target: { value: '1' } });
    expect(value).toEqual({ n: null });
  });

  test('offers several choices as boxes to tick', () => {
    show(<Live schema={object({ m: { type: 'array', items: { enum: ['a', 'b'] } } })} />);
    fireEvent.click(screen.getByLabelText('b'));
    fireEvent.click(screen.getByLabelText('a'));
    fireEvent.click(screen.getByLabelText('b'));
    expect(value).toEqual({ m: ['a'] });
  });

  test('lets a list grow and shrink', () => {
    show(<Live schema={object({ tags: { type: 'array', items: { type: 'string' } } })} />);
    fireEvent.click(screen.getByRole('button', { name: 'Add one' }));
    fireEvent.click(screen.getByRole('button', { name: 'Add one' }));
    fireEvent.change(screen.getByLabelText('2'), { target: { value: 'second' } });
    fireEvent.click(screen.getByRole('button', { name: 'Remove 1' }));
    expect(value).toEqual({ tags: ['second'] });
  });

  test('reaches into nested objects', () => {
    show(
      <Live
        schema={object({ axis: object({ label: { type: 'string', title: 'Label of it' } }) })}
      />
    );
    fireEvent.change(screen.getByLabelText(/Label of it/), { target: { value: 'mm' } });
    expect(value).toEqual({ axis: { label: 'mm' } });
  });

  test('takes JSON where no other control fits, and keeps the last that could be read', () => {
    show(<Live schema={object({ extra: {} })} />);
    fireEvent.change(screen.getByLabelText(/Extra/), { target: { value: '{"a": 1}' } });
    fireEvent.change(screen.getByLabelText(/Extra/), { target: { value: '{"a": ' } });
    expect(value).toEqual({ extra: { a: 1 } });
    expect(screen.getByRole('alert').textContent).toContain('not JSON yet');
  });

  test('shows a title with its description, and links a problem to its field', () => {
    const rows = { type: 'integer', title: 'Rows', description: 'How many', minimum: 1 };
    show(<Live schema={object({ rows }, ['rows'])} />);
    const field = screen.getByLabelText('Rows');
    const described = field.getAttribute('aria-describedby')!.split(' ');
    const words = described.map(id => document.getElementById(id)?.textContent);
    expect(words).toEqual(['How many', 'Please fill this in']);
  });
});

test.each<[Schema, unknown, string]>([
  [{ type: 'integer' }, 1.5, 'A whole number, please'],
  [{ type: 'integer', minimum: 2 }, 1, 'At least 2'],
  [{ type: 'number', maximum: 2 }, 3, 'At most 2'],
  [{ type: 'number', exclusiveMinimum: 0 }, 0, 'More than 0'],
  [{ type: 'number', exclusiveMaximum: 1 }, 1, 'Less than 1'],
  [{ type: 'string', minLength: 3 }, 'ab', 'At least 3 characters'],
  [{ type: 'string', maxLength: 3 }, 'abcd', 'At most 3 characters'],
  [{ enum: ['a'] }, 'b', 'Please choose one'],
  [{ type: 'array', items: {}, minItems: 1 }, [], 'At least 1 is needed'],
  [{ type: 'array', items: {}, maxItems: 1 }, [1, 2], 'At most 1 are allowed']
])('%j refuses %j', (schema, given, problem) => {
  const found = problemsOf(object({ x: schema }, ['x']), { x: given }, trans);
  expect(found.get('x')).toBe(problem);
});

describe('a text of several lines', () => {
  const schema = object({ note: { type: 'string', default: 'one\ntwo' } });

  test('keeps them whatever its name is, and however it is shortened', () => {
    show(<Live schema={schema} />);
    const field = screen.getByLabelText(/^Note/);
    fireEvent.change(field, { target: { value: 'one\ntwo!' } });
    expect(value).toEqual({ note: 'one\ntwo!' });
    fireEvent.change(field, { target: { value: 'one' } });
    expect(screen.getByLabelText(/^Note/)).toBe(field);
    expect(field.tagName).toBe('TEXTAREA');
  });

  test('can be emptied, and then is an empty text', () => {
    show(<Live schema={schema} />);
    fireEvent.change(screen.getByLabelText(/^Note/), { target: { value: '' } });
    expect(value).toEqual({ note: '' });
  });

  test('that was absent is absent again when it is emptied', () => {
    show(<Live schema={object({ note: { type: 'string' } })} />);
    const field = screen.getByLabelText(/^Note/);
    fireEvent.change(field, { target: { value: 'x' } });
    fireEvent.change(field, { target: { value: '' } });
    expect(value).toEqual({});
  });

  test('may be empty among the arguments of a call, and is asked for in a question', () => {
    const required = object({ source: { type: 'string' } }, ['source']);
    expect(problemsOf(required, { source: '' }, trans, true).size).toBe(0);
    expect(problemsOf(required, {}, trans, true).size).toBe(1);
    expect(problemsOf(required, { source: '' }, trans).size).toBe(1);
  });
});
