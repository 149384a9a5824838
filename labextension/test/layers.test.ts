// @vitest-environment node
/** The layer of a module is its folder: this table says what each folder may import, of our own and of others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(__dirname, '../src');
const MOST_MODULES = 18;

interface Room {
  /** The folders below it that it may import. */
  own: readonly string[];
  /** The packages that it may import: names, or patterns that end with a star. */
  packages: readonly string[];
}

const LUMINO = ['@lumino/*'];
const LAB_PAGE = ['@jupyterlab/*', ...LUMINO];
/** What a component draws; that it can act at all, it has from its props. */
const VIEWED = ['protocol', 'core', 'view-model'];
const UI = ['react', '@jupyterlab/translation'];

/** From the bottom to the top: a folder imports only folders that stand above it in this table. */
const HOUSE: { readonly [folder: string]: Room } = {
  protocol: { own: [], packages: [] },
  core: { own: ['protocol'], packages: [] },
  client: {
    own: ['protocol', 'core'],
    packages: ['@jupyterlab/coreutils', '@jupyterlab/services']
  },
  'view-model': { own: ['protocol', 'core'], packages: ['@jupyterlab/translation', 'diff'] },
  'ui/shared': { own: VIEWED, packages: UI },
  'ui/people': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/form': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/composer': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/calls': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/confirmation': { own: [...VIEWED, 'ui/shared', 'ui/form', 'ui/calls'], packages: UI },
  'ui/conversation': {
    own: [...VIEWED, 'ui/shared', 'ui/people', 'ui/calls', 'ui/confirmation'],
    packages: UI
  },
  'ui/shell': {
    own: [...VIEWED, 'ui/shared', 'ui/people', 'ui/composer', 'ui/conversation'],
    packages: UI
  },
  'ui/inbox': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/models': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/servers': { own: [...VIEWED, 'ui/shared'], packages: UI },
  'ui/review': { own: [...VIEWED, 'ui/shared', 'ui/people'], packages: UI },
  notebook: { own: ['protocol', 'core', 'view-model'], packages: [...LAB_PAGE, 'react'] },
  'dom-snapshot': { own: ['notebook'], packages: ['@jupyterlab/cells', '@jupyterlab/notebook'] },
  tokens: {
    own: ['protocol', 'core', 'client'],
    packages: [...LUMINO, '@jupyterlab/notebook']
  },
  model: {
    own: ['protocol', 'core', 'client', 'view-model', 'notebook', 'tokens'],
    packages: [
      ...LUMINO,
      'uuid',
      '@jupyterlab/coreutils',
      '@jupyterlab/notebook',
      '@jupyterlab/services',
      '@jupyterlab/settingregistry'
    ]
  },
  executor: {
    own: ['protocol', 'core', 'client', 'notebook', 'dom-snapshot', 'model', 'tokens'],
    packages: [...LAB_PAGE, '@jupyter/ydoc', '@noble/hashes/*', 'uuid']
  },
  agents: { own: ['protocol', 'client', 'model'], packages: [...LAB_PAGE, 'react'] },
  completion: { own: ['notebook'], packages: [...LAB_PAGE, 'react'] },
  page: {
    own: [
      'protocol',
      'view-model',
      'ui/shared',
      'ui/shell',
      'ui/inbox',
      'ui/models',
      'ui/servers',
      'notebook',
      'model',
      'tokens',
      'executor'
    ],
    packages: [...LAB_PAGE, 'react']
  },
  review: {
    own: ['core', 'view-model', 'ui/shared', 'ui/review', 'notebook', 'model'],
    packages: [...LAB_PAGE, '@codemirror/*', '@lezer/highlight', 'react']
  },
  after: {
    own: ['core', 'client', 'view-model', 'ui/calls', 'ui/shared', 'notebook', 'model'],
    packages: [...LAB_PAGE, 'react']
  },
  prompt: {
    own: [
      'protocol',
      'core',
      'view-model',
      'ui/composer',
      'ui/review',
      'ui/shared',
      'notebook',
      'model',
      'review'
    ],
    packages: [...LAB_PAGE, 'react']
  },
  widget: {
    own: ['notebook', 'model', 'page'],
    packages: [...LAB_PAGE, '@jupyter-widgets/base', 'react']
  },
  plugins: {
    own: [
      'client',
      'view-model',
      'notebook',
      'completion',
      'agents',
      'model',
      'tokens',
      'executor',
      'page',
      'review',
      'after',
      'prompt',
      'widget'
    ],
    packages: [...LAB_PAGE, '@jupyter-widgets/base', 'react']
  },
  index: { own: ['tokens', 'plugins'], packages: [] }
};

const MODULES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.tsx?$/.test(file))
  .sort();

/** What a file imports: statically, for its types only, or when it is needed. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)[^;]*? from '([^']+)';|\bimport\('([^']+)'\)/gms);
  return [...found].map(match => (match[1] ?? match[2])!);
}

function isOwn(name: string): boolean {
  return name.startsWith('.');
}

/** The file of ours that an import of a file means. */
function target(file: string, name: string): string {
  const base = join(SRC, dirname(file), name);
  const found = [`${base}.ts`, `${base}.tsx`, join(base, 'index.ts')].find(existsSync);
  return relative(SRC, found ?? base);
}

/** The room that a file stands in; a file beside the folders is one of its own. */
function roomOf(file: string): string {
  const parts = file.replace(/\.tsx?$/, '').split('/');
  return parts.slice(0, parts[0] === 'ui' ? 2 : 1).join('/');
}

function allows(room: Room, name: string): boolean {
  return room.packages.some(allowed =>
    allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed
  );
}

/** A file and all that it needs of ours, directly or not. */
function closure(file: string, found = new Set<string>()): Set<string> {
  found.add(file);
  for (const name of importsOf(file).filter(isOwn)) {
    const next = target(file, name);
    if (!found.has(next)) {
      closure(next, found);
    }
  }
  return found;
}

it('every module stands in a room of the table, and every room has modules', () => {
  expect([...new Set(MODULES.map(roomOf))].sort()).toEqual(Object.keys(HOUSE).sort());
});

describe.each(Object.keys(HOUSE))('%s', name => {
  const room = HOUSE[name]!;
  const modules = MODULES.filter(file => roomOf(file) === name);
  const all = modules.flatMap(file => importsOf(file).map(imported => ({ file, imported })));

  it('imports no other folder of ours than it may', () => {
    const wrong = all.filter(({ file, imported }) => {
      const other = isOwn(imported) ? roomOf(target(file, imported)) : name;
      return other !== name && !room.own.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it('imports no other package than it may', () => {
    const wrong = all.filter(({ imported }) => !isOwn(imported) && !allows(room, imported));
    expect(wrong).toEqual([]);
  });

  it('can be taken in at a glance', () => {
    const folders = new Map<string, number>();
    modules.forEach(file => folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1));
    expect([...folders].filter(([, count]) => count > MOST_MODULES)).toEqual([]);
  });
});

it('imports go down only', () => {
  const floors = Object.keys(HOUSE);
  const up = floors.flatMap((name, floor) =>
    HOUSE[name]!.own.filter(other => floors.indexOf(other) > floor).map(
      other => `${name} → ${other}`
    )
  );
  expect(up).toEqual([]);
});

/** Modules that run everywhere, a kernel's or a server's JavaScript included. */
const EVERYWHERE = ['client.ts', 'outbox-browser.ts', 'presence.ts'];

it.each(EVERYWHERE)('client/%s touches no page and no JupyterLab', name => {
  for (const file of closure(join('client', name))) {
    const code = readFileSync(join(SRC, file), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '');
    expect(code, file).not.toMatch(
      /\b(?<!page\.)(window|document|navigator|localStorage|indexedDB)\b[.(]/
    );
    expect(importsOf(file).filter(imported => !isOwn(imported))).toEqual([]);
  }
});
