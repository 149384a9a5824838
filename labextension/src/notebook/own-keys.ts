const SUPPRESS = 'lmSuppressShortcuts';

/**
 * Keeps the keys that are pressed on whatever has the focus in an element from JupyterLab's commands.
 *
 * In command mode the notebook takes keys of all that has the focus inside of it, and looks for this mark on that very
 * element before it looks further up: on a frame around a button it would come too late, and `d d` deletes the cell.
 */
export function keepKeys(node: HTMLElement): void {
  node.dataset[SUPPRESS] = 'true';
  node.addEventListener('focusin', ({ target }) => {
    (target as HTMLElement).dataset[SUPPRESS] = 'true';
  });
}

/** A button for the inside of a notebook. */
export function cellButton(label: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.dataset[SUPPRESS] = 'true';
  button.addEventListener('click', act);
  return button;
}
