import * as React from 'react';

import { matching, type Suggestion, type Trigger, triggerAt } from '../../view-model/mentions';

const SHOWN = 8;

export interface CompletionState {
  /** The id of the list, for those who read aloud. */
  id: string;
  trigger: Trigger | null;
  shown: Suggestion[];
  /** The index of the one that Enter takes. */
  active: number;
  /** Looks at what stands before the caret. */
  look: (text: string, caret: number) => void;
  close: () => void;
  /** Takes a key, when it is one for the list; whether it was. */
  onKey: (event: React.KeyboardEvent, pick: (suggestion: Suggestion) => void) => boolean;
}

/** The list of suggestions: when it is open, what it shows and which keys it takes. */
export function useCompletion(
  suggest: (mark: '@' | '/') => Promise<Suggestion[]>
): CompletionState {
  const id = React.useId();
  const [trigger, setTrigger] = React.useState<Trigger | null>(null);
  const [all, setAll] = React.useState<{ mark: string; suggestions: Suggestion[] } | null>(null);
  const [active, setActive] = React.useState(0);
  const shown =
    trigger && all?.mark === trigger.mark ? matching(all.suggestions, trigger.query, SHOWN) : [];
  const close = () => setTrigger(null);

  const look = (text: string, caret: number) => {
    const found = triggerAt(text, caret);
    setTrigger(found);
    setActive(0);
    if (found && trigger?.mark !== found.mark) {
      suggest(found.mark).then(
        suggestions => setAll({ mark: found.mark, suggestions }),
        () => setAll(null)
      );
    }
  };

  const onKey = (event: React.KeyboardEvent, pick: (suggestion: Suggestion) => void): boolean => {
    const chosen = shown[active];
    if (chosen === undefined) {
      return false;
    }
    switch (event.key) {
      case 'ArrowDown':
        setActive((active + 1) % shown.length);
        return true;
      case 'ArrowUp':
        setActive((active - 1 + shown.length) % shown.length);
        return true;
      case 'Enter':
      case 'Tab':
        pick(chosen);
        return true;
      case 'Escape':
        close();
        return true;
      default:
        return false;
    }
  };
  return { id, trigger, shown, active, look, close, onKey };
}
