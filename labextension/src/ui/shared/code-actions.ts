import type { Services } from './services';

/** Adds copy, insert and replace buttons to each code block of rendered Markdown. */
export function addCodeActions(host: HTMLElement, services: Services): void {
  const { trans } = services;
  for (const pre of host.querySelectorAll('pre')) {
    const frame = document.createElement('div');
    frame.className = 'jp-Copilot-code';
    pre.replaceWith(frame);
    const bar = document.createElement('div');
    bar.className = 'jp-Copilot-codeBar';
    frame.append(pre, bar);
    pre.tabIndex = 0;
    const code = () => (pre.textContent ?? '').replace(/\n$/, '');
    bar.append(
      action(trans.__('Copy'), trans.__('Copied'), () => services.copy(code())),
      ...(services.insertCode
        ? [action(trans.__('Insert'), trans.__('Inserted'), () => services.insertCode?.(code()))]
        : []),
      ...(services.replaceCode
        ? [action(trans.__('Replace'), trans.__('Replaced'), () => services.replaceCode?.(code()))]
        : [])
    );
  }
}

const TITLE_MS = 1500;

/** A button that says for a moment that it was done. */
function action(label: string, done: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-Copilot-codeAction';
  button.textContent = label;
  button.addEventListener('click', () => {
    act();
    button.textContent = done;
    setTimeout(() => (button.textContent = label), TITLE_MS);
  });
  return button;
}
