import * as React from 'react';

import { Button } from '../shared/button';
import { Markdown } from '../shared/markdown';
import { Notice } from './notices';
import { useServices } from '../shared/services';
import type { Answer } from '../../view-model/conversation/run-blocks';

/** What the agent says, while it says it and afterwards. */
export function AnswerText({ answer }: { answer: Answer }): JSX.Element {
  const { Icon, trans, copy } = useServices();
  if (answer.status === 'struck') {
    return (
      <div className="jp-Copilot-answer jp-mod-struck">
        <Markdown text={answer.text} />
        <Notice kind="waiting" label={trans.__('broken off')} mark={<Icon name="close" />}>
          {trans.__('This answer broke off: %1', answer.reason)}
        </Notice>
      </div>
    );
  }
  return (
    <div
      className="jp-Copilot-answer"
      aria-busy={answer.status === 'streaming'}
      data-message-id={answer.message_id}
    >
      <Markdown text={answer.text} streaming={answer.status === 'streaming'} />
      {answer.status === 'complete' &&
        answer.notes.map(note => (
          <Notice
            key={note.code}
            kind="waiting"
            label={trans.__('note')}
            mark={<span className="jp-Copilot-dot" />}
          >
            {note.message} <span className="jp-Copilot-muted">{note.hint}</span>
          </Notice>
        ))}
      {answer.status === 'complete' && (
        <Button
          className="jp-Copilot-iconButton jp-Copilot-copy"
          label={trans.__('Copy this answer')}
          onClick={() => copy(answer.text)}
        >
          <Icon name="copy" />
        </Button>
      )}
    </div>
  );
}
