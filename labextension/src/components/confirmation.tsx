import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { APPROVE, type Call, DENY, type Open, type Option, type Run, SKIP } from '../protocol';
import { ArgsEditor, type Args, schemaOf } from './args-editor';
import { Code } from './code';
import { type Decision, isMac, type Refusal } from './decision';
import { Diff } from './diff';
import { Form } from './form';
import { LinkedText } from './linked-text';
import { initialValue, type Problems, problemsOf, type Schema } from './schema';
import { useNow, useTrans } from './services';
import { actorName, listNames, timeLeft } from './wording';

export interface ConfirmationCardProps {
  confirmation: Open;
  call: Call | null;
  run: Run | null;
  /** Names of the others who look at it now. */
  reviewers: string[];
  /** Why this person may not decide, in a sentence; null when they may. */
  barred: string | null;
  /** Whether this person's decision is on its way. */
  sending: boolean;
  /** Why the last decision of this person was refused. */
  refusal: Refusal | null;
  onDecide: (decision: Decision) => void;
  /** Told when this person begins and ends looking at it closely. */
  onReview: (reviewing: boolean) => void;
}

type Stage = 'choose' | 'edit' | 'deny' | 'words';

const NO_PROBLEMS: Problems = new Map();

/**
 * Something that waits for a person: what will happen in one line, then shown, then the choices.
 *
 * Nothing in it takes the focus by itself, and from the keyboard a choice that acts needs a modifier.
 */
export function ConfirmationCard(props: ConfirmationCardProps): JSX.Element {
  const { confirmation, call, onDecide, sending, barred } = props;
  const trans = useTrans();
  const [stage, setStage] = React.useState<Stage>('choose');
  const [hint, setHint] = React.useState(false);
  const isCall = confirmation.kind === 'tool_call';
  const schema = confirmation.schema as Schema | null;
  const [args, setArgs] = React.useState<Args>(call?.args ?? {});
  const [value, setValue] = React.useState<unknown>(() => schema && initialValue(schema));
  const [problems, setProblems] = React.useState(NO_PROBLEMS);
  const primary = confirmation.options.find(o => o.style === 'primary') ?? confirmation.options[0];
  const refuse = confirmation.options.find(o => o.id === DENY);

  const choose = (option: Option, comment = '') => {
    const acts = option.id === primary?.id;
    const edited = isCall && acts && stage === 'edit';
    const form = edited ? (schema?.properties ? schema : schemaOf(args)) : schema;
    const found =
      form && acts && (edited || !isCall)
        ? problemsOf(form, edited ? args : value, trans)
        : NO_PROBLEMS;
    setProblems(found);
    if (found.size > 0 || sending || barred !== null) {
      return;
    }
    const decision: Decision = { option: option.id, comment };
    if (edited) {
      decision.edited_args = args;
    } else if (!isCall && acts && schema) {
      decision.value = value;
    }
    onDecide(decision);
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && stage !== 'choose') {
      event.stopPropagation();
      setStage('choose');
    } else if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && stage !== 'deny') {
      event.preventDefault();
      event.stopPropagation();
      if (primary && stage !== 'words') {
        choose(primary);
      }
    } else if ((event.ctrlKey || event.metaKey) && event.key === 'Backspace' && refuse) {
      if (!(event.target as HTMLElement).matches('input, textarea')) {
        event.preventDefault();
        setStage('deny');
      }
    }
  };

  return (
    <article
      className={`jp-Copilot-card jp-mod-${confirmation.kind}`}
      aria-label={trans.__('Waits for a decision: %1', confirmation.title)}
      data-confirmation-id={confirmation.confirmation_id}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={() => props.onReview(true)}
      onBlur={event => !event.currentTarget.contains(event.relatedTarget) && props.onReview(false)}
      onMouseEnter={() => props.onReview(true)}
      onMouseLeave={event =>
        !event.currentTarget.contains(document.activeElement) && props.onReview(false)
      }
    >
      <header className="jp-Copilot-cardHead">
        <h3 dir="auto">
          <LinkedText text={confirmation.title} cells={call?.preview.cells} />
        </h3>
        <Circumstances {...props} />
      </header>
      {confirmation.body && (
        <div className="jp-Copilot-cardBody">
          <LinkedText text={confirmation.body} />
        </div>
      )}
      {stage === 'edit' ? (
        <ArgsEditor args={args} schema={schema} problems={problems} onChange={setArgs} />
      ) : (
        call && <Effect call={call} />
      )}
      {!isCall && schema && stage !== 'words' && (
        <div className="jp-Copilot-cardBody">
          <Form
            schema={schema}
            value={value}
            onChange={setValue}
            problems={problems}
            disabled={sending}
          />
        </div>
      )}
      {props.refusal && <RefusalNote refusal={props.refusal} />}
      {barred !== null ? (
        <footer className="jp-Copilot-cardFoot jp-Copilot-muted">{barred}</footer>
      ) : stage === 'deny' || stage === 'words' ? (
        <WordsFoot
          stage={stage}
          sending={sending}
          onBack={() => setStage('choose')}
          onSend={comment => {
            const option = confirmation.options.find(
              o => o.id === (stage === 'deny' ? DENY : SKIP)
            );
            if (option) {
              choose(option, comment);
            }
          }}
        />
      ) : (
        <footer className="jp-Copilot-cardFoot">
          <span className="jp-Copilot-grow">
            {hint && (
              <span role="status" className="jp-Copilot-muted">
                {trans.__('Press %1 to choose this', shortcut())}
              </span>
            )}
            {!hint && confirmation.kind === 'question' && (
              <button type="button" className="jp-Copilot-link" onClick={() => setStage('words')}>
                {trans.__('or answer in words')}
              </button>
            )}
          </span>
          {others(confirmation.options, primary).map(option => (
            <button
              key={option.id}
              type="button"
              data-option={option.id}
              className={`jp-Copilot-button jp-mod-${option.style === 'danger' && option.id !== DENY ? 'danger' : 'plain'}`}
              disabled={sending}
              onClick={() => (option.id === DENY ? setStage('deny') : choose(option))}
            >
              {optionLabel(option, trans)}
            </button>
          ))}
          {isCall && (
            <button
              type="button"
              className="jp-Copilot-button jp-mod-line"
              aria-pressed={stage === 'edit'}
              disabled={sending}
              onClick={() => setStage(stage === 'edit' ? 'choose' : 'edit')}
            >
              {stage === 'edit' ? trans.__('Undo edit') : trans.__('Edit')}
            </button>
          )}
          {primary && (
            <button
              type="button"
              className="jp-Copilot-button jp-mod-go"
              disabled={sending}
              aria-keyshortcuts={isMac() ? 'Meta+Enter' : 'Control+Enter'}
              onKeyDown={event => {
                // Enter or space alone never acts: whoever types on while a card appears decides nothing.
                if (
                  (event.key === 'Enter' || event.key === ' ') &&
                  !event.ctrlKey &&
                  !event.metaKey
                ) {
                  event.preventDefault();
                  setHint(true);
                }
              }}
              onClick={() => choose(primary)}
            >
              {sending ? trans.__('Sending…') : optionLabel(primary, trans)}
              <kbd aria-hidden="true">{shortcut()}</kbd>
            </button>
          )}
        </footer>
      )}
    </article>
  );
}

function shortcut(): string {
  return isMac() ? '⌘⏎' : '⌃⏎';
}

function others(options: readonly Option[], primary: Option | undefined): Option[] {
  return options.filter(option => option.id !== primary?.id);
}

/** The label of an option; the ones that this project offers itself are translated. */
function optionLabel(option: Option, trans: TranslationBundle): string {
  switch (option.id) {
    case APPROVE:
      return trans.__('Approve');
    case DENY:
      return trans.__('Deny');
    case SKIP:
      return trans.__('Skip');
    default:
      return option.label;
  }
}

/** Who asks, who looks at it, and how long it is open. */
function Circumstances({ confirmation, run, reviewers }: ConfirmationCardProps): JSX.Element {
  const trans = useTrans();
  const now = useNow(confirmation.expires_at === null ? 60_000 : 1000);
  const parts: string[] = [];
  switch (confirmation.kind) {
    case 'question':
      parts.push(trans.__('a question to everybody here'));
      break;
    case 'kernel':
      parts.push(trans.__('asked by code in this notebook'));
      break;
    case 'tool_call':
      if (run) {
        parts.push(trans.__('asked by %1', actorName(run.asked_by, trans)));
      }
  }
  if (reviewers.length > 0) {
    parts.push(
      trans._n('%2 is reviewing', '%2 are reviewing', reviewers.length, listNames(reviewers, trans))
    );
  }
  if (confirmation.expires_at !== null) {
    parts.push(timeLeft(confirmation.expires_at - now, trans));
  }
  return <div className="jp-Copilot-muted">{parts.join(' · ')}</div>;
}

/** What the call does: changes, code, or its arguments where nothing says it better. */
function Effect({ call }: { call: Call }): JSX.Element | null {
  const { preview, args } = call;
  if (preview.cells.length > 0) {
    return <Diff cells={preview.cells} />;
  }
  if (preview.code !== null) {
    return <Code code={preview.code} language={preview.language} />;
  }
  if (Object.keys(args).length === 0) {
    return null;
  }
  return <Code code={JSON.stringify(args, null, 2)} language="json" />;
}

/** Why a decision did not count. */
export function RefusalNote({ refusal }: { refusal: Refusal }): JSX.Element {
  return (
    <div className="jp-Copilot-refusal" role="alert">
      {refusal.message} {refusal.hint}
    </div>
  );
}

interface WordsFootProps {
  stage: 'deny' | 'words';
  sending: boolean;
  onBack: () => void;
  onSend: (comment: string) => void;
}

/** Words that go with the decision: the reason of a denial, or an answer outside of the form. */
function WordsFoot({ stage, sending, onBack, onSend }: WordsFootProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const field = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => field.current?.focus(), []);
  const label =
    stage === 'deny' ? trans.__('Why? The copilot is told (optional)') : trans.__('Your answer');
  const ready = stage === 'deny' || text.trim() !== '';
  return (
    <footer className="jp-Copilot-cardFoot jp-mod-words">
      <textarea
        ref={field}
        className="jp-Copilot-field"
        rows={2}
        maxLength={4000}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing && ready) {
            event.preventDefault();
            event.stopPropagation();
            onSend(text.trim());
          }
        }}
      />
      <span className="jp-Copilot-grow" />
      <button type="button" className="jp-Copilot-button jp-mod-plain" onClick={onBack}>
        {trans.__('Back')}
      </button>
      <button
        type="button"
        className={`jp-Copilot-button ${stage === 'deny' ? 'jp-mod-danger' : 'jp-mod-go'}`}
        disabled={sending || !ready}
        onClick={() => onSend(text.trim())}
      >
        {stage === 'deny' ? trans.__('Deny') : trans.__('Send')}
      </button>
    </footer>
  );
}
