import * as React from 'react';

import { Button } from '../shared/button';
import { Teach } from './empty';
import { useServices } from '../shared/services';

/** A kernel that a new notebook may have. */
export interface KernelChoice {
  name: string;
  label: string;
}

export interface BeginProps {
  /** The kernels on offer, the default first; none until they are known. */
  kernels: readonly KernelChoice[];
  /** Opens a new notebook whose first question is this; rejects in words when it cannot. An empty wish opens it bare. */
  onBegin: (wish: string, kernel: string) => Promise<void>;
  field?: React.RefObject<HTMLTextAreaElement>;
}

/** No notebook is open: what is wished for opens a new one. */
export function Begin({ kernels, onBegin, field }: BeginProps): JSX.Element {
  const { Icon, trans } = useServices();
  const [wish, setWish] = React.useState('');
  const [kernel, setKernel] = React.useState<string | null>(null);
  const [busy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<string | null>(null);
  const chosen = kernel ?? kernels[0]?.name ?? '';
  const begin = (text: string) => {
    setBusy(true);
    setProblem(null);
    onBegin(text, chosen)
      .then(
        () => setWish(''),
        (error: unknown) => setProblem(error instanceof Error ? error.message : String(error))
      )
      .finally(() => setBusy(false));
  };
  return (
    <Teach title={trans.__('What would you like to do?')}>
      <p>{trans.__('No notebook is open. What you ask opens a new one, and is answered there.')}</p>
      <div className="jp-Copilot-box jp-Copilot-begin">
        <textarea
          ref={field}
          className="jp-Copilot-input"
          rows={2}
          dir="auto"
          value={wish}
          disabled={busy}
          aria-label={trans.__('What the new notebook is for')}
          placeholder={trans.__('Compare two files, plot a column…')}
          onChange={event => setWish(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              if (wish.trim() !== '') {
                begin(wish.trim());
              }
            }
          }}
        />
        <div className="jp-Copilot-row jp-Copilot-composerFoot">
          {kernels.length > 0 && (
            <select
              className="jp-Copilot-field"
              aria-label={trans.__('Kernel of the new notebook')}
              value={chosen}
              onChange={event => setKernel(event.target.value)}
            >
              {kernels.map(each => (
                <option key={each.name} value={each.name}>
                  {each.label}
                </option>
              ))}
            </select>
          )}
          <span className="jp-Copilot-grow" />
          {busy && (
            <span className="jp-Copilot-spinner" role="img" aria-label={trans.__('Opening…')} />
          )}
          <Button
            className="jp-Copilot-send"
            label={trans.__('Send')}
            disabled={busy || wish.trim() === ''}
            onClick={() => begin(wish.trim())}
          >
            <Icon name="send" />
          </Button>
        </div>
      </div>
      {problem && (
        <p className="jp-Copilot-problem" role="alert">
          {problem}
        </p>
      )}
      <Button className="jp-Copilot-link" disabled={busy} onClick={() => begin('')}>
        {trans.__('New notebook')}
      </Button>
    </Teach>
  );
}
