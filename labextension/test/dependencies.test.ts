// @vitest-environment node
/** Every package that is imported is declared, and every package that is declared is used. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(__dirname, '..');
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PACKAGE = JSON.parse(text('package.json')) as {
  dependencies: { [name: string]: string };
  devDependencies: { [name: string]: string };
  scripts: { [name: string]: string };
};

/** Declared without an import of ours, each for its reason. */
const NOT_IMPORTED: { [name: string]: string } = {
  '@testing-library/dom': 'what @testing-library/react is made of',
  '@types/node': 'types of tests that read files',
  '@types/react': 'types of react',
  '@types/react-dom': 'types of react-dom',
  jsdom: 'the page of vitest'
};

function files(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => pattern.test(file) && !file.startsWith('dist'))
    .map(file => join(folder, file));
}

/** The packages that some files import. */
function imported(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const path of paths) {
    const names = text(path).matchAll(
      /(?:\bfrom |^import |\bimport\(|\burl\(|\bmock\()'((?!node:)[@\w][^']*)'/gm
    );
    for (const [, name] of names) {
      const parts = name!.split('/');
      found.add(parts.slice(0, name!.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return found;
}

const SOURCES = imported(files('src', /\.tsx?$/));
const TOOLS = imported([
  ...files('test', /\.tsx?$/),
  ...files('gallery', /\.(?:tsx?|mjs|css)$/),
  ...readdirSync(ROOT).filter(file => /\.(?:mjs|ts)$/.test(file))
]);

it('what the extension imports is a dependency, and nothing else is', () => {
  const { dependencies } = PACKAGE;
  expect([...SOURCES].filter(name => !(name in dependencies))).toEqual([]);
  expect(Object.keys(dependencies).filter(name => !SOURCES.has(name))).toEqual([]);
});

it('what tests and tools import is declared, and nothing else is', () => {
  const { dependencies, devDependencies, scripts } = PACKAGE;
  const declared = { ...dependencies, ...devDependencies };
  expect([...TOOLS].filter(name => !(name in declared))).toEqual([]);
  const called = [
    ...Object.values(scripts),
    ...['.prettierrc.json', '.stylelintrc.json', '../tests/browser/page.py'].map(text)
  ].join('\n');
  const command: { [name: string]: string } = {
    typescript: 'tsc',
    '@jupyter/builder': 'jupyter-builder'
  };
  const unused = Object.keys(devDependencies).filter(
    name => !TOOLS.has(name) && !called.includes(command[name] ?? name) && !(name in NOT_IMPORTED)
  );
  expect(unused).toEqual([]);
});
