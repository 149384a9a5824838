// Builds the gallery into gallery/dist: every state of the panel on one page, with JupyterLab's own styles.
import { build } from 'esbuild';

await build({
  entryPoints: { gallery: 'gallery/main.tsx', style: 'gallery/style.css' },
  outdir: 'gallery/dist',
  bundle: true,
  format: 'esm',
  splitting: true,
  jsx: 'transform',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  loader: {
    '.svg': 'text',
    '.ttf': 'dataurl',
    '.woff': 'dataurl',
    '.woff2': 'dataurl',
    '.raw': 'text',
    '.png': 'dataurl'
  },
  alias: { path: 'path-browserify' },
  logLevel: 'warning'
});
