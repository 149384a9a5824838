import * as React from 'react';

import { MarkdownPreview } from '../ui/review/markdown-preview';
import { useAutosize } from '../ui/composer/use-autosize';
import { Button } from '../ui/shared/button';
import { useServices } from '../ui/shared/services';
import type { Asked } from './asked';

export interface PromptBarProps {
  /** What people call the cell. */
  cell: string;
  /** What was asked; null while it is being written. */
  words: string | null;
  asked: Asked;
  onSend: (words: string) => void;
  onStop: () => void;
  onAgain: () => void;
  onSidebar: () => void;
  onClose: () => void;
}

/** A line above a cell: what shall become of it, and then what does. */
export function PromptBar(props: PromptBarProps): JSX.Element {
  const { cell, words, asked, onClose } = props;
  const { Icon, trans } = useServices();
  return (
    <div
      className="jp-Copilot-promptBox"
      role="group"
      aria-label={trans.__('Ask Copilot about %1', cell)}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <div className="jp-Copilot-promptLine">
        <span className="jp-Copilot-barMark" aria-hidden="true">
          <Icon name="copilot" />
        </span>
        {words === null ? <Field {...props} /> : <Sent {...props} words={words} />}
        <Button
          className="jp-Copilot-act jp-mod-icon"
          aria-label={trans.__('Close')}
          title={trans.__('Close (Escape)')}
          onClick={onClose}
        >
          <Icon name="close" />
        </Button>
      </div>
      {words !== null && asked.kind === 'done' && asked.text !== '' && (
        <div className="jp-Copilot-promptAnswer">
          <MarkdownPreview source={asked.text} />
        </div>
      )}
    </div>
  );
}

function Field({ onSend }: PromptBarProps): JSX.Element {
  const { Icon, trans } = useServices();
  const [text, setText] = React.useState('');
  const field = React.useRef<HTMLTextAreaElement>(null);
  useAutosize(field, text);
  React.useEffect(() => field.current?.focus(), []);
  const send = () => {
    if (text.trim() !== '') {
      onSend(text.trim());
    }
  };
  return (
    <>
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label={trans.__('How should this cell change?')}
        placeholder={trans.__('Change this cell…')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.stopPropagation();
            send();
          }
        }}
      />
      <Button
        className="jp-Copilot-act jp-mod-icon"
        aria-label={trans.__('Send')}
        title={trans.__('Send (Enter)')}
        disabled={text.trim() === ''}
        onClick={send}
      >
        <Icon name="send" />
      </Button>
    </>
  );
}

function Sent(props: PromptBarProps & { words: string }): JSX.Element {
  const { words, asked, onStop, onAgain, onSidebar } = props;
  const { trans } = useServices();
  const act = (label: string, onClick: () => void) => (
    <Button className="jp-Copilot-act" onClick={onClick}>
      {label}
    </Button>
  );
  const isOver = asked.kind === 'waiting' || asked.kind === 'done';
  return (
    <>
      <span className="jp-Copilot-promptWords" title={words}>
        {words}
      </span>
      <span className="jp-Copilot-promptState" role="status">
        {stateWords(asked, trans)}
      </span>
      {asked.kind === 'working' && act(trans.__('Stop'), onStop)}
      {isOver && act(trans.__('Try again'), onAgain)}
      {act(trans.__('To the sidebar'), onSidebar)}
    </>
  );
}

function stateWords(asked: Asked, trans: ReturnType<typeof useServices>['trans']): string {
  switch (asked.kind) {
    case 'sending':
      return trans.__('Sending…');
    case 'working':
      return trans.__('Writing…');
    case 'waiting':
      return trans.__('Review the change below');
    case 'done':
      return asked.changed ? trans.__('Done') : trans.__('Nothing was changed');
  }
}
