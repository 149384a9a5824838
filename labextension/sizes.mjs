// What each folder, and each of the largest modules, adds to the bundle: `npm run sizes`. Nothing is built for it; the
// sums are those of esbuild, a few per cent below what JupyterLab's builder makes of the same sources.
import { build } from 'esbuild';

const MODULES = 40;
const { metafile } = await build({
  entryPoints: ['src/index.ts'],
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
  jsx: 'transform',
  metafile: true,
  write: false,
  outdir: 'out',
  // JupyterLab brings these.
  external: [
    '@jupyter/*',
    '@jupyter-widgets/*',
    '@jupyterlab/*',
    '@lumino/*',
    '@codemirror/*',
    '@lezer/*',
    'react*'
  ]
});
const modules = {};
for (const { inputs } of Object.values(metafile.outputs)) {
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    modules[file] = (modules[file] ?? 0) + bytesInOutput;
  }
}
const folders = {};
for (const [file, bytes] of Object.entries(modules)) {
  const folder = file.startsWith('node_modules/')
    ? /node_modules\/(@[^/]+\/)?[^/]+/.exec(file)[0]
    : file.slice(0, file.lastIndexOf('/'));
  folders[folder] = (folders[folder] ?? 0) + bytes;
}

function tell(title, sizes, most) {
  const rows = Object.entries(sizes).sort((a, b) => b[1] - a[1]);
  console.log(
    `\n${title}: ${Math.round(rows.reduce((sum, [, bytes]) => sum + bytes, 0) / 1000)} kB`
  );
  for (const [name, bytes] of rows.slice(0, most)) {
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)}  ${name}`);
  }
}

tell('folders', folders, Infinity);
tell(`the largest ${MODULES} of ${Object.keys(modules).length} modules`, modules, MODULES);
