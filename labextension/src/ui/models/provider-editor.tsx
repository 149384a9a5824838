import * as React from 'react';

import {
  type Known,
  type Listed,
  type ProviderForm,
  resized,
  toggled,
  type Trial
} from '../../view-model/providers';
import { Button } from '../shared/button';
import { useServices } from '../shared/services';

export interface ProviderEditorProps {
  form: ProviderForm;
  known: Known;
  /** Whether the server keeps a key for it. */
  hasKey: boolean;
  onChange: (form: ProviderForm) => void;
  test: (form: ProviderForm, model: string) => Promise<Trial>;
  onKeep: () => void;
  onCancel: () => void;
}

/** One provider: its address, its key, a test in words, and the models that are offered. */
export function ProviderEditor(props: ProviderEditorProps): JSX.Element {
  const { form, known, hasKey, onChange, onKeep, onCancel } = props;
  const { trans } = useServices();
  const [trial, setTrial] = React.useState<Trial | null>(null);
  const [isTesting, setTesting] = React.useState(false);
  const test = () => {
    setTesting(true);
    const failed = (error: Error): Trial => ({
      ok: false,
      message: error.message,
      hint: '',
      models: []
    });
    void props
      .test(form, form.models[0]?.model ?? '')
      .catch(failed)
      .then(found => {
        setTrial(found);
        setTesting(false);
      });
  };
  return (
    <form
      className="jp-Copilot-modelsForm"
      onSubmit={event => {
        event.preventDefault();
        onKeep();
      }}
    >
      <h3>{known.label}</h3>
      {known.note && <p className="jp-Copilot-modelsMeans">{known.note}</p>}
      <label>
        {trans.__('Address')}
        <input
          className="jp-mod-styled"
          dir="ltr"
          required
          spellCheck={false}
          value={form.base_url}
          onChange={event => onChange({ ...form, base_url: event.target.value })}
        />
      </label>
      <label>
        {known.wants_key ? trans.__('Key') : trans.__('Key, if it needs one')}
        <input
          className="jp-mod-styled"
          type="password"
          dir="ltr"
          autoComplete="off"
          placeholder={hasKey ? trans.__('The saved key stays unless you type another one') : ''}
          value={form.key}
          onChange={event => onChange({ ...form, key: event.target.value })}
        />
      </label>
      <Button
        className="jp-Copilot-button jp-mod-line"
        disabled={isTesting || form.base_url === ''}
        onClick={test}
      >
        {isTesting ? trans.__('Testing…') : trans.__('Test')}
      </Button>
      <div role="status">
        {trial && (
          <p className={`jp-Copilot-modelsSaid ${trial.ok ? 'jp-mod-good' : 'jp-mod-bad'}`}>
            {trial.ok ? '✓' : '✕'} {trial.message} {trial.hint}
          </p>
        )}
      </div>
      <Models form={form} listed={trial?.models ?? []} onChange={onChange} />
      <div className="jp-Copilot-row">
        <button
          type="submit"
          className="jp-Copilot-button jp-mod-go"
          disabled={form.models.length === 0}
        >
          {trans.__('Save')}
        </button>
        <Button className="jp-Copilot-button jp-mod-line" onClick={onCancel}>
          {trans.__('Cancel')}
        </Button>
      </div>
    </form>
  );
}

interface ModelsProps {
  form: ProviderForm;
  listed: readonly Listed[];
  onChange: (form: ProviderForm) => void;
}

/** The models that are offered, each with its context size; others are picked from the list or typed. */
function Models({ form, listed, onChange }: ModelsProps): JSX.Element {
  const { trans } = useServices();
  const [typed, setTyped] = React.useState('');
  const id = React.useId();
  const free = listed.filter(each => !form.models.some(model => model.model === each.model));
  const add = (model: string) => {
    if (model !== '' && !form.models.some(each => each.model === model)) {
      const known = listed.find(each => each.model === model);
      onChange(toggled(form, known ?? { model, context_tokens: null }));
    }
    setTyped('');
  };
  return (
    <fieldset>
      <legend>{trans.__('Models')}</legend>
      {form.models.map(({ model, context_tokens }) => (
        <div key={model} className="jp-Copilot-row">
          <span className="jp-Copilot-grow" dir="ltr">
            {model}
          </span>
          <label className="jp-Copilot-modelsSize">
            {trans.__('Context')}
            <input
              className="jp-mod-styled"
              type="number"
              min={2000}
              step={1000}
              aria-label={trans.__('Context of %1, in tokens', model)}
              value={context_tokens}
              onChange={event => onChange(resized(form, model, event.target.valueAsNumber || 0))}
            />
          </label>
          <Button
            className="jp-Copilot-button jp-mod-line"
            aria-label={trans.__('Take %1 out', model)}
            onClick={() => onChange(toggled(form, { model, context_tokens }))}
          >
            ✕
          </Button>
        </div>
      ))}
      <div className="jp-Copilot-row">
        <input
          className="jp-mod-styled jp-Copilot-grow"
          dir="ltr"
          list={id}
          spellCheck={false}
          aria-label={trans.__('Name of a model')}
          placeholder={
            free.length > 0
              ? trans._n('%1 model to choose from', '%1 models to choose from', free.length)
              : trans.__('Name of a model')
          }
          value={typed}
          onChange={event => setTyped(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              event.preventDefault();
              add(typed.trim());
            }
          }}
        />
        <datalist id={id}>
          {free.map(({ model }) => (
            <option key={model} value={model} />
          ))}
        </datalist>
        <Button
          className="jp-Copilot-button jp-mod-line"
          disabled={typed.trim() === ''}
          onClick={() => add(typed.trim())}
        >
          {trans.__('Add')}
        </Button>
      </div>
    </fieldset>
  );
}
