import * as React from 'react';

import type { Suggestion } from '../../view-model/mentions';
import { useTrans } from '../shared/services';

export interface CompletionProps {
  id: string;
  suggestions: Suggestion[];
  active: number;
  onPick: (suggestion: Suggestion) => void;
}

/** The list that opens above the composer while a mention or a command is typed. */
export function Completion({ id, suggestions, active, onPick }: CompletionProps): JSX.Element {
  const trans = useTrans();
  const kinds = {
    cell: trans.__('cell'),
    variable: trans.__('variable'),
    file: trans.__('file'),
    command: '',
    person: trans.__('person')
  };
  return (
    <ul
      className="jp-Copilot-completion"
      role="listbox"
      id={id}
      aria-label={trans.__('Suggestions')}
    >
      {suggestions.map((suggestion, index) => (
        <li
          key={`${suggestion.kind} ${suggestion.label}`}
          id={`${id}.${index}`}
          role="option"
          aria-selected={index === active}
          ref={element => {
            if (index === active) {
              element?.scrollIntoView?.({ block: 'nearest' });
            }
          }}
          onMouseDown={event => {
            event.preventDefault();
            onPick(suggestion);
          }}
        >
          <span className="jp-Copilot-suggestion">{suggestion.label}</span>
          <span className="jp-Copilot-suggestionDetail">{suggestion.detail}</span>
          <span className="jp-Copilot-time">{kinds[suggestion.kind]}</span>
        </li>
      ))}
    </ul>
  );
}
