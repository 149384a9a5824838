import * as React from 'react';

import { Button } from '../shared/button';
import { Attachments, imagesOf } from './attachments';
import { attach } from '../../view-model/attachments';
import { Completion } from './completion';
import { step, WRITING } from './history';
import type { Draft } from '../../view-model/draft';
import { insertSuggestion, type Suggestion } from '../../view-model/mentions';
import { SendButtons } from './send-buttons';
import { useServices, useTrans } from '../shared/services';
import { useAutosize } from './use-autosize';
import { useCompletion } from './use-completion';
import { useTyping } from './use-typing';
import { listNames } from '../../view-model/wording';

export interface ComposerProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onSend: (draft: Draft) => void;
  /** Asks after the answer that is being given, instead of telling it to the agent now; absent when none is given. */
  onQueue?: (draft: Draft) => void;
  /** Stops the run that is active; absent when none is. */
  onStop?: () => void;
  onTyping: (typing: boolean) => void;
  /** What can be mentioned or commanded; asked when a mention begins. */
  suggest: (mark: '@' | '/') => Promise<Suggestion[]>;
  /** Own earlier messages, newest first. */
  history: () => readonly string[];
  /** Names of others who are typing here. */
  typing: string[];
  /** Which key sends: Enter, or Enter with a modifier. */
  sendWith: 'enter' | 'modifier';
  /** Why nothing can be sent, in a sentence; null when it can. */
  barred: string | null;
  /** Attaches the selection or the active cell; absent where there is none. */
  onAttach?: () => void;
  /** Accepts what was dropped from elsewhere in Jupyter; false when it knows nothing of it. */
  onDropped?: (event: React.DragEvent) => boolean;
  /** Mode, model and usage. */
  children: React.ReactNode;
  field?: React.RefObject<HTMLTextAreaElement>;
}

/** Where a message is written. */
export function Composer(props: ComposerProps): JSX.Element {
  const { draft, onDraft, onSend, barred, history } = props;
  const { Icon, trans } = useServices();
  const own = React.useRef<HTMLTextAreaElement>(null);
  const field = props.field ?? own;
  const [position, setPosition] = React.useState(WRITING);
  const [problem, setProblem] = React.useState<string | null>(null);
  const completion = useCompletion(props.suggest);
  const typing = useTyping(props.onTyping);
  useAutosize(field, draft.text);
  const isEmpty = draft.text.trim() === '';

  const change = (text: string, attachments = draft.attachments) => {
    onDraft({ text, attachments });
    setProblem(null);
  };
  const give = (to: (draft: Draft) => void) => {
    if (!isEmpty && barred === null) {
      setPosition(WRITING);
      completion.close();
      typing.stop();
      to(draft);
    }
  };
  const { onQueue } = props;
  const pick = (suggestion: Suggestion) => {
    const caret = field.current?.selectionStart ?? draft.text.length;
    if (completion.trigger) {
      const next = insertSuggestion(draft.text, caret, completion.trigger, suggestion);
      const { attachment } = suggestion;
      change(next.text, attachment ? attach(draft.attachments, attachment) : draft.attachments);
      completion.close();
      requestAnimationFrame(() => {
        field.current?.focus();
        field.current?.setSelectionRange(next.caret, next.caret);
      });
    }
  };
  const walk = (direction: 'older' | 'newer'): boolean => {
    const next = step(history(), position, draft.text, direction);
    if (next) {
      setPosition(next.position);
      change(next.text);
    }
    return next !== null;
  };
  const takeFiles = (files: Iterable<File>) => {
    imagesOf(files).then(
      found => {
        let { attachments } = draft;
        for (const image of found) {
          if ('refused' in image) {
            setProblem(trans.__('%1 is too large to send: 500 kB at most.', image.refused));
          } else {
            attachments = attach(attachments, image);
          }
        }
        onDraft({ text: draft.text, attachments });
      },
      () => setProblem(trans.__('The picture could not be read.'))
    );
  };

  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (completion.onKey(event, pick)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const modified = event.ctrlKey || event.metaKey;
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    const alone = selectionStart === selectionEnd;
    if (event.key === 'Enter' && !event.shiftKey && (modified || props.sendWith === 'enter')) {
      event.preventDefault();
      give(onSend);
    } else if (event.key === 'ArrowUp' && alone && !value.slice(0, selectionStart).includes('\n')) {
      if ((value === '' || position.index >= 0) && walk('older')) {
        event.preventDefault();
      }
    } else if (event.key === 'ArrowDown' && alone && !value.slice(selectionEnd).includes('\n')) {
      if (position.index >= 0 && walk('newer')) {
        event.preventDefault();
      }
    }
  };

  return (
    <div
      className="jp-Copilot-composer"
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        if (props.onDropped?.(event)) {
          event.preventDefault();
        } else if (event.dataTransfer.files.length > 0) {
          event.preventDefault();
          takeFiles(event.dataTransfer.files);
        }
      }}
    >
      <TypingLine names={props.typing} />
      {problem && (
        <div className="jp-Copilot-problem" role="alert">
          {problem}
        </div>
      )}
      <div className="jp-Copilot-box">
        {completion.shown.length > 0 && (
          <Completion
            id={completion.id}
            suggestions={completion.shown}
            active={completion.active}
            onPick={pick}
          />
        )}
        <Attachments
          attachments={draft.attachments}
          onRemove={removed =>
            change(
              draft.text,
              draft.attachments.filter(a => a !== removed)
            )
          }
        />
        <textarea
          ref={field}
          className="jp-Copilot-input"
          rows={1}
          dir="auto"
          value={draft.text}
          aria-label={trans.__('Message to everybody here and the copilot')}
          placeholder={trans.__('Ask, or @ to add context')}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={completion.shown.length > 0}
          aria-controls={completion.shown.length > 0 ? completion.id : undefined}
          aria-activedescendant={
            completion.shown.length > 0 ? `${completion.id}.${completion.active}` : undefined
          }
          onChange={event => {
            setPosition(WRITING);
            change(event.target.value);
            completion.look(event.target.value, event.target.selectionStart);
            typing.tick(event.target.value !== '');
          }}
          onBlur={() => {
            completion.close();
            typing.stop();
          }}
          onKeyDown={onKeyDown}
          onPaste={event => {
            if (event.clipboardData.files.length > 0) {
              event.preventDefault();
              takeFiles(event.clipboardData.files);
            }
          }}
        />
        <div className="jp-Copilot-row jp-Copilot-composerFoot">
          {props.onAttach && (
            <Button
              className="jp-Copilot-iconButton"
              label={trans.__('Attach the selection or the active cell')}
              onClick={props.onAttach}
            >
              <Icon name="attach" />
            </Button>
          )}
          {props.children}
          <SendButtons
            isEmpty={isEmpty}
            barred={barred}
            onSend={() => give(onSend)}
            onQueue={onQueue && (() => give(onQueue))}
            onStop={props.onStop}
          />
        </div>
      </div>
    </div>
  );
}

function TypingLine({ names }: { names: string[] }): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-Copilot-typing" aria-live="off">
      {names.length > 0 &&
        trans._n('%2 is typing…', '%2 are typing…', names.length, listNames(names, trans))}
    </div>
  );
}
