import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useTrans } from '../shared/services';
import type { Row } from '../../view-model/timeline';
import { triedWords } from '../confirmation/tried-note';
import { actorName } from '../../view-model/wording';

const SPOKEN_CHARS = 300;

export interface AnnouncerProps {
  /** The thread; entering another one is not news. */
  threadId: string;
  rows: Row[];
}

/** Tells a screen reader what is new, in whole sentences: never the pieces of a stream. */
export function Announcer({ threadId, rows }: AnnouncerProps): JSX.Element {
  const trans = useTrans();
  const known = React.useRef<{ threadId: string; said: Set<string> }>({
    threadId: '',
    said: new Set()
  });
  const [text, setText] = React.useState('');
  React.useEffect(() => {
    const sentences = rows.flatMap(row => sentencesOf(row, trans));
    const before = known.current;
    known.current = { threadId, said: new Set(sentences.map(s => s.key)) };
    if (before.threadId === threadId) {
      const fresh = sentences.filter(s => !before.said.has(s.key));
      if (fresh.length > 0) {
        setText(fresh.map(s => s.text).join('\n'));
      }
    }
  }, [rows, threadId, trans]);
  return (
    <div className="jp-Copilot-sr" aria-live="polite">
      {text}
    </div>
  );
}

/** What is said aloud once under its key. */
interface Sentence {
  key: string;
  text: string;
}

function sentencesOf(row: Row, trans: TranslationBundle): Sentence[] {
  const own = sentence(row, trans);
  const tried = row.type === 'open' ? triedWords(row.confirmation, trans) : null;
  const also = tried === null ? [] : [{ key: `${row.key}.tried`, text: tried }];
  return own === null ? also : [own, ...also];
}

/** What a row says for itself; null while it says nothing yet. */
function sentence(row: Row, trans: TranslationBundle): Sentence | null {
  switch (row.type) {
    case 'posted':
      return {
        key: row.key,
        text: trans.__('%1 says: %2', actorName(row.message.author, trans), cut(row.message.text))
      };
    case 'text':
      return row.answer.status === 'complete'
        ? { key: row.key, text: trans.__('The copilot says: %1', cut(row.answer.text)) }
        : null;
    case 'open':
      return {
        key: row.key,
        text: trans.__('Waiting for a decision: %1', row.confirmation.title)
      };
    case 'closed':
      return {
        key: `${row.key}.closed`,
        text:
          row.confirmation.status === 'decided'
            ? trans.__(
                '%1 decided: %2',
                actorName(row.confirmation.by, trans),
                row.confirmation.title
              )
            : trans.__('No longer open: %1', row.confirmation.title)
      };
    case 'doubt':
      return { key: `${row.key}.doubt`, text: row.call.message };
    case 'ended':
      return { key: row.key, text: row.run.error?.message ?? trans.__('The run was stopped.') };
    default:
      return null;
  }
}

function cut(text: string): string {
  return text.length > SPOKEN_CHARS ? `${text.slice(0, SPOKEN_CHARS)}…` : text;
}
