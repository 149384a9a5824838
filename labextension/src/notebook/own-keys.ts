const SUPPRESS = 'lmSuppressShortcuts';

/**
 * Keeps the keys that are pressed on whatever has the focus in an element from JupyterLab's commands.
 *
 * In command mode the notebook takes keys of all that has the focus inside of it, and looks for this mark on that very
 * element before it looks further up: on a frame around a button it would come too late, and `d d` deletes the cell.
 * Keys with Ctrl or Command that mean something everywhere in the page, such as saving, still do.
 */
export function keepKeys(node: HTMLElement): void {
  node.dataset[SUPPRESS] = 'true';
  node.addEventListener('focusin', ({ target }) => {
    (target as HTMLElement).dataset[SUPPRESS] = 'true';
  });
  node.addEventListener('keydown', passOn);
}

/** What is pressed with Ctrl or Command is pressed in the page, outside of the notebook, unless it meant something here. */
function passOn(event: KeyboardEvent): void {
  const isModified = event.ctrlKey || event.metaKey;
  if (isModified && event.key !== 'Enter' && !event.defaultPrevented) {
    const elsewhere = new KeyboardEvent(event.type, event);
    document.body.dispatchEvent(elsewhere);
    if (elsewhere.defaultPrevented) {
      event.preventDefault();
    }
  }
}

/** A button for the inside of a notebook. */
export function cellButton(label: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.dataset[SUPPRESS] = 'true';
  button.addEventListener('click', act);
  button.addEventListener('keydown', passOn);
  return button;
}
