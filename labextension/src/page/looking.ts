/** Whether somebody looks at any page of this browser: each page that is visible holds a lock that others can see. */
const LOOKING = 'jupyter-collaborative-copilot:looking';
let release: (() => void) | null = null;

function hold(): void {
  if (document.hidden) {
    release?.();
    release = null;
  } else if (release === null && 'locks' in navigator) {
    const held = new Promise<void>(resolve => (release = resolve));
    void navigator.locks.request(LOOKING, { mode: 'shared' }, () => held);
  }
}

/** Say from now on to the other pages whether this one is looked at. */
export function sayWhetherLooked(): void {
  document.addEventListener('visibilitychange', hold);
  hold();
}

/** Whether any page of this browser is looked at. */
export async function anybodyLooks(): Promise<boolean> {
  if (!('locks' in navigator)) {
    return !document.hidden;
  }
  const { held = [] } = await navigator.locks.query();
  return held.some(lock => lock.name === LOOKING);
}
