import * as React from 'react';

import { Button } from './button';

export interface MenuProps {
  /** What the button says to a screen reader and on hovering. */
  label: string;
  /** What the button shows. */
  value: React.ReactNode;
  /** On which side of the button it opens. */
  side?: 'above' | 'below';
  align?: 'start' | 'end';
  disabled?: boolean;
  /** The entries; each gets a callback that closes the menu. */
  children: (close: () => void) => React.ReactNode;
}

/** A quiet button that opens a list of choices: arrow keys move, Escape closes and gives the focus back. */
export function Menu(props: MenuProps): JSX.Element {
  const { label, value, side = 'below', align = 'start', disabled, children } = props;
  const [open, setOpen] = React.useState(false);
  const root = React.useRef<HTMLDivElement>(null);
  const close = React.useCallback(() => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('button')?.focus();
  }, []);
  React.useEffect(() => {
    if (open) {
      const entries = entriesOf(root.current);
      (entries.find(e => e.getAttribute('aria-checked') === 'true') ?? entries[0])?.focus();
    }
  }, [open]);
  const onBlur = (event: React.FocusEvent) => {
    if (open && !root.current?.contains(event.relatedTarget)) {
      setOpen(false);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (open && event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  };
  return (
    <div className="jp-Copilot-menu" ref={root} onBlur={onBlur} onKeyDown={onKeyDown}>
      <Button
        className="jp-Copilot-pick"
        aria-haspopup="menu"
        aria-expanded={open}
        label={label}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        <span className="jp-Copilot-pickValue">{value}</span>
      </Button>
      {open && (
        <div
          role="menu"
          aria-label={label}
          tabIndex={-1}
          className={`jp-Copilot-menuList jp-mod-${side} jp-mod-${align}`}
          onKeyDown={moveFocus}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

export interface MenuEntryProps {
  checked?: boolean;
  onPick: () => void;
  children: React.ReactNode;
}

/** One choice; with `checked` it says whether it is the current one. */
export function MenuEntry({ checked, onPick, children }: MenuEntryProps): JSX.Element {
  return (
    <Button
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      className="jp-Copilot-menuEntry"
      tabIndex={-1}
      onClick={onPick}
    >
      {children}
    </Button>
  );
}

function entriesOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

function moveFocus(event: React.KeyboardEvent<HTMLDivElement>): void {
  const entries = entriesOf(event.currentTarget);
  const index = entries.indexOf(document.activeElement as HTMLElement);
  const target: Record<string, number> = {
    ArrowDown: (index + 1) % entries.length,
    ArrowUp: (index - 1 + entries.length) % entries.length,
    Home: 0,
    End: entries.length - 1
  };
  const next = target[event.key];
  if (next !== undefined && index >= 0) {
    event.preventDefault();
    entries[next]?.focus();
  }
}
