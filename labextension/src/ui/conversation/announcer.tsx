import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useTrans } from '../shared/services';
import type { Block, Closed } from '../../view-model/conversation/run-blocks';
import { blocksOf, type Row } from '../../view-model/conversation/timeline';
import { triedWords } from '../confirmation/tried-note';
import { actorName } from '../../view-model/wording';

const SPOKEN_CHARS = 300;

export interface AnnouncerProps {
  /** The thread; entering another one is not news. */
  threadId: string;
  rows: readonly Row[];
}

/** Tells a screen reader what is new, in whole sentences: never the pieces of a stream. */
export function Announcer({ threadId, rows }: AnnouncerProps): JSX.Element {
  const trans = useTrans();
  const known = React.useRef({
    threadId: '',
    said: new Set<string>(),
    rows: new Set<Row>()
  });
  const [text, setText] = React.useState('');
  React.useEffect(() => {
    const before = known.current;
    // Rows that show the same are the same: what was said of them is not looked up again.
    const fresh = rows.filter(row => !before.rows.has(row)).flatMap(row => sentencesOf(row, trans));
    const isHere = before.threadId === threadId;
    const said = isHere ? before.said : new Set<string>();
    const news = fresh.filter(sentence => !said.has(sentence.key));
    news.forEach(sentence => said.add(sentence.key));
    known.current = { threadId, said, rows: new Set(rows) };
    if (isHere && news.length > 0) {
      setText(news.map(sentence => sentence.text).join('\n'));
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
  if (row.type === 'posted') {
    const name = actorName(row.message.author, trans);
    return [{ key: row.key, text: trans.__('%1 says: %2', name, cut(row.message.text)) }];
  }
  return blocksOf(row).flatMap(block => {
    const own = sentence(block, trans);
    const tried = block.type === 'open' ? triedWords(block.confirmation, trans) : null;
    const also = tried === null ? [] : [{ key: `${block.key}.tried`, text: tried }];
    return own === null ? also : [own, ...also];
  });
}

/** What a block says for itself; null while it says nothing yet. */
function sentence(block: Block, trans: TranslationBundle): Sentence | null {
  switch (block.type) {
    case 'text':
      return block.answer.status === 'complete'
        ? { key: block.key, text: trans.__('The copilot says: %1', cut(block.answer.text)) }
        : null;
    case 'open':
      return {
        key: block.key,
        text: trans.__('Waiting for a decision: %1', block.confirmation.title)
      };
    case 'closed':
      return closing(block.confirmation, trans);
    case 'call':
      return block.decided && closing(block.decided, trans);
    case 'doubt':
      return { key: `${block.key}.doubt`, text: block.call.message };
    case 'ended':
      return {
        key: block.key,
        text: block.run.error?.message ?? trans.__('The answer was stopped.')
      };
    default:
      return null;
  }
}

function closing(confirmation: Closed, trans: TranslationBundle): Sentence {
  const { confirmation_id, title } = confirmation;
  return {
    key: `${confirmation_id}.closed`,
    text:
      confirmation.status === 'decided'
        ? trans.__('%1 decided: %2', actorName(confirmation.by, trans), title)
        : trans.__('No longer open: %1', title)
  };
}

function cut(text: string): string {
  return text.length > SPOKEN_CHARS ? `${text.slice(0, SPOKEN_CHARS)}…` : text;
}
