// @vitest-environment node
/** The client and all below it run under plain Node: they import nothing but each other, and touch no page. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const SRC = resolve(__dirname, '../src');

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)[^;]*? from '([^']+)';/gms)].map(match => match[1]!);
}

/** The files that a file needs, itself included, and what they import from elsewhere. */
function closure(file: string, found = new Map<string, string[]>()): Map<string, string[]> {
  const imports = importsOf(file);
  found.set(
    relative(SRC, file),
    imports.filter(name => !name.startsWith('.'))
  );
  for (const name of imports.filter(each => each.startsWith('.'))) {
    const base = join(dirname(file), name);
    const next = [`${base}.ts`, join(base, 'index.ts')].find(existsSync);
    if (next !== undefined && !found.has(relative(SRC, next))) {
      closure(next, found);
    }
  }
  return found;
}

it('the client imports only what runs everywhere', () => {
  const needed = closure(join(SRC, 'client/client.ts'));
  expect([...needed.keys()].sort()).toEqual([
    'client/apply/calls.ts',
    'client/apply/confirmations.ts',
    'client/apply/index.ts',
    'client/apply/runs.ts',
    'client/apply/threads.ts',
    'client/client.ts',
    'client/commands.ts',
    'client/decode.ts',
    'client/environment.ts',
    'client/errors.ts',
    'client/moot.ts',
    'client/outbox.ts',
    'client/protocol.ts',
    'client/replica.ts',
    'client/socket.ts',
    'client/state.ts'
  ]);
  expect([...needed.values()].flat()).toEqual([]);
});

it.each(['client.ts', 'outbox-browser.ts', 'presence.ts', 'ids.ts'])('%s touches no page', name => {
  for (const file of closure(join(SRC, 'client', name)).keys()) {
    const code = readFileSync(join(SRC, file), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '');
    expect(code, file).not.toMatch(
      /\b(?<!page\.)(window|document|navigator|localStorage|indexedDB)\b[.(]/
    );
  }
});

it('the model knows of no component', () => {
  const needed = [...closure(join(SRC, 'client/model.ts')).keys()];
  expect(needed.filter(file => /components|notebook|page|plugins|react/i.test(file))).toEqual([]);
});

it.each(['client', 'components', 'hands', 'notebook', 'picture'])(
  '%s imports nothing of the page that is made of it',
  folder => {
    for (const file of readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })) {
      if (/\.tsx?$/.test(file)) {
        expect(importsOf(join(SRC, folder, file)).join('\n'), file).not.toMatch(/\.\.\/page\//);
      }
    }
  }
);
