import * as React from 'react';

import { Button } from '../shared/button';
import { CodeText, LinkedText } from '../shared/linked-text';
import { useServices } from '../shared/services';

/** No model answers: what to set, ready to copy. */
export function NoModel({ onConnect }: { onConnect: () => void }): JSX.Element {
  const { trans } = useServices();
  return (
    <Teach title={trans.__('Connect a model')}>
      <p>
        {trans.__(
          'The copilot needs a language model: of a provider, with your key, or of a server on this machine.'
        )}
      </p>
      <Button className="jp-Copilot-button jp-mod-go" onClick={onConnect}>
        {trans.__('Choose a provider')}
      </Button>
      <p>{trans.__('Or set it where Jupyter is started, and start it again:')}</p>
      <CopyLine text="export OPENAI_API_KEY=sk-…" />
      <CopyLine text="export OPENAI_BASE_URL=http://localhost:11434/v1" />
      <p>{trans.__('The key stays on the server.')}</p>
    </Teach>
  );
}

function CopyLine({ text }: { text: string }): JSX.Element {
  const { trans, copy, Icon } = useServices();
  const [copied, setCopied] = React.useState(false);
  return (
    <div className="jp-Copilot-copyLine">
      <code dir="ltr">{text}</code>
      <Button
        className="jp-Copilot-iconButton"
        aria-label={trans.__('Copy “%1”', text)}
        title={copied ? trans.__('Copied') : trans.__('Copy')}
        onClick={() => {
          copy(text);
          setCopied(true);
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </Button>
    </div>
  );
}

export interface FirstUseProps {
  /** Three things to ask that fit the notebook. */
  examples: string[];
  /** Whether the built-in demo answers, which is no language model. */
  demo: boolean;
  onExample: (text: string) => void;
  onConnect: () => void;
}

/** An empty conversation: what this is, and three things that are asked with a click. */
export function FirstUse({ examples, demo, onExample, onConnect }: FirstUseProps): JSX.Element {
  const { Icon, trans } = useServices();
  return (
    <Teach title={trans.__('One copilot for everyone here')}>
      <p>
        {trans.__(
          'What you ask, what it answers and what you approve is shared with everybody who has this notebook open.'
        )}
      </p>
      <div className="jp-Copilot-examples">
        {examples.map(example => (
          <Button key={example} title={trans.__('Ask this now')} onClick={() => onExample(example)}>
            <span className="jp-Copilot-grow">
              <CodeText text={example} />
            </span>
            <Icon name="send" />
          </Button>
        ))}
      </div>
      {demo && (
        <p className="jp-Copilot-small">
          {trans.__('Demo model — no language model.')}{' '}
          <Button className="jp-Copilot-link" onClick={onConnect}>
            {trans.__('Connect a model')}
          </Button>
        </p>
      )}
    </Teach>
  );
}

/** A sentence that something went wrong, in place of the whole panel. */
export function Broken({ message }: { message: string }): JSX.Element {
  const { trans } = useServices();
  return (
    <Teach title={trans.__('The copilot is not available here')}>
      <p>
        <LinkedText text={message} />
      </p>
    </Teach>
  );
}

export function Teach({
  title,
  children
}: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  const { Icon } = useServices();
  return (
    <div className="jp-Copilot-teach">
      <span className="jp-Copilot-spark" aria-hidden="true">
        <Icon name="copilot" />
      </span>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
