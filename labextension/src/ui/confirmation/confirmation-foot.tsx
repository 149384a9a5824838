import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { APPROVE, DENY, type Open, type Option, SKIP } from '../../protocol';
import { visibleText } from '../../core/visible-text';
import type { Offer } from '../../view-model/permissions/rules';
import { Button } from '../shared/button';
import { useTrans } from '../shared/services';
import type { DecisionInHand } from './use-decision';

export interface FootProps {
  confirmation: Open;
  hand: DecisionInHand;
  sending: boolean;
}

/** The choices of a confirmation, the one that acts last. */
export function OptionsFoot(props: FootProps & { offers: readonly Offer[] }): JSX.Element {
  const { confirmation, hand, sending, offers } = props;
  const trans = useTrans();
  const { primary, stage, setStage } = hand;
  const [hint, setHint] = React.useState(false);
  return (
    <footer className="jp-Copilot-cardFoot">
      <span className="jp-Copilot-grow">
        {hint && (
          <span role="status" className="jp-Copilot-muted">
            {trans.__('Press %1 to choose this', shortcut())}
          </span>
        )}
        {!hint && confirmation.kind === 'question' && hasSkip(confirmation) && (
          <Button className="jp-Copilot-link" onClick={() => setStage('words')}>
            {trans.__('or reply in text')}
          </Button>
        )}
      </span>
      {confirmation.options
        .filter(option => option.id !== primary?.id)
        .map(option => (
          <OtherOption key={option.id} option={option} hand={hand} sending={sending} />
        ))}
      {confirmation.kind === 'tool_call' && hasFields(confirmation.schema) && (
        <Button
          className="jp-Copilot-button jp-mod-line"
          aria-pressed={stage === 'edit'}
          disabled={sending}
          onClick={() => setStage(stage === 'edit' ? 'choose' : 'edit')}
        >
          {stage === 'edit' ? trans.__('Cancel') : trans.__('Edit')}
        </Button>
      )}
      {primary && (
        <ActingOption
          option={primary}
          sending={sending}
          mayAct={hand.mayAct}
          onChoose={() => hand.choose(primary)}
          onBareKey={() => setHint(true)}
        />
      )}
      {stage === 'choose' && offers.length > 0 && (
        <Button
          className="jp-Copilot-iconButton jp-Copilot-moreWays"
          aria-label={trans.__('More ways to allow this')}
          title={trans.__('Allow more of the kind without asking')}
          disabled={sending || !hand.mayAct}
          onClick={() => setStage('grant')}
        >
          ▾
        </Button>
      )}
    </footer>
  );
}

/** Whether a call has arguments that people could change; where no schema is known, it may. */
function hasFields(schema: Open['schema']): boolean {
  return (
    schema === null ||
    Object.keys((schema.properties as object | undefined) ?? { some: 0 }).length > 0
  );
}

/** Whether words outside of the form are an answer: they go with the option that skips it. */
function hasSkip({ options }: Open): boolean {
  return options.some(option => option.id === SKIP);
}

interface OtherOptionProps {
  option: Option;
  hand: DecisionInHand;
  sending: boolean;
}

function OtherOption({ option, hand, sending }: OtherOptionProps): JSX.Element {
  const trans = useTrans();
  const isDenial = option.id === DENY;
  const look = option.style === 'danger' && !isDenial ? 'danger' : 'plain';
  return (
    <Button
      data-option={option.id}
      className={`jp-Copilot-button jp-mod-${look}`}
      disabled={sending}
      onClick={() => (isDenial ? hand.setStage('deny') : hand.choose(option))}
    >
      {optionLabel(option, trans)}
    </Button>
  );
}

interface ActingOptionProps {
  option: Option;
  sending: boolean;
  /** Whether it can be chosen: all of what it does could be seen. */
  mayAct: boolean;
  onChoose: () => void;
  onBareKey: () => void;
}

/** The option that acts. Enter or space alone never do: whoever types on while a card appears decides nothing. */
function ActingOption(props: ActingOptionProps): JSX.Element {
  const { option, sending, mayAct, onChoose, onBareKey } = props;
  const trans = useTrans();
  return (
    <Button
      data-option={option.id}
      className="jp-Copilot-button jp-mod-go"
      disabled={sending || !mayAct}
      title={mayAct ? undefined : trans.__('First scroll to the end of what will happen.')}
      aria-keyshortcuts={isMac() ? 'Meta+Enter' : 'Control+Enter'}
      onKeyDown={event => {
        const isBare = !event.ctrlKey && !event.metaKey;
        if ((event.key === 'Enter' || event.key === ' ') && isBare) {
          event.preventDefault();
          onBareKey();
        }
      }}
      onClick={onChoose}
    >
      {sending ? trans.__('Sending…') : optionLabel(option, trans)}
      <kbd aria-hidden="true">{shortcut()}</kbd>
    </Button>
  );
}

function shortcut(): string {
  return isMac() ? '⌘⏎' : '⌃⏎';
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
      return visibleText(option.label).text;
  }
}

/** Words that go with the decision: the reason of a denial, or an answer outside of the form. */
export function WordsFoot({ hand, sending }: Omit<FootProps, 'confirmation'>): JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const field = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => field.current?.focus(), []);
  const denies = hand.stage === 'deny';
  const label = denies ? trans.__('Why? The copilot is told (optional)') : trans.__('Your answer');
  const isReady = !sending && (denies || text.trim() !== '');
  const send = () => hand.chooseWords(text.trim());
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
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.stopPropagation();
            if (isReady) {
              send();
            }
          }
        }}
      />
      <span className="jp-Copilot-grow" />
      <Button className="jp-Copilot-button jp-mod-plain" onClick={() => hand.setStage('choose')}>
        {trans.__('Back')}
      </Button>
      <Button
        className={`jp-Copilot-button ${denies ? 'jp-mod-danger' : 'jp-mod-go'}`}
        disabled={!isReady}
        onClick={send}
      >
        {denies ? trans.__('Deny') : trans.__('Send')}
      </Button>
    </footer>
  );
}

/** Whether this keyboard's modifier is Command. */
function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}
