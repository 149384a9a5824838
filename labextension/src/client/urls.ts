/** The addresses of a notebook's room. */
import { URLExt } from '@jupyterlab/coreutils';

const API = 'api/copilot/notebooks';
/** The drive under which jupyter-collaboration shows the server's own files. */
const RTC_DRIVE = 'RTC:';

/** The path of a notebook as the server knows it, from the one that JupyterLab's contexts have. */
export function serverPath(path: string): string {
  return path.startsWith(RTC_DRIVE) ? path.slice(RTC_DRIVE.length) : path;
}

/** The address of something of the notebook's room; each segment of the path is encoded by itself. */
export function roomUrl(
  base: string,
  path: string,
  leaf: 'channel' | 'records' | 'confirmations' | 'cell_ids' | 'pictures' | 'guests' | 'changes'
): string {
  const segments = serverPath(path).split('/').filter(Boolean).map(encodeURIComponent);
  return URLExt.join(base, API, ...segments, leaf);
}
