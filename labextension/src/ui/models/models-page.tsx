import * as React from 'react';

import {
  formFor,
  type Known,
  type ProviderForm,
  type ProviderList,
  type Trial
} from '../../view-model/providers';
import { Button } from '../shared/button';
import { Page, useAnswer } from '../shared/page';
import { useServices } from '../shared/services';
import { ProviderEditor } from './provider-editor';

export interface ModelsPageProps {
  list: () => Promise<ProviderList>;
  test: (form: ProviderForm, model: string) => Promise<Trial>;
  keep: (form: ProviderForm) => Promise<ProviderList>;
  remove: (name: string) => Promise<ProviderList>;
  /** Back to the conversation. */
  onClose: () => void;
}

/** The providers of models: what there is, and a form for one of them. */
export default function ModelsPage(props: ModelsPageProps): JSX.Element {
  const { trans } = useServices();
  const { answer: list, problem, ask, forgetProblem } = useAnswer<ProviderList>();
  const [form, setForm] = React.useState<ProviderForm | null>(null);
  const load = React.useRef(() => ask(props.list()));
  React.useEffect(() => void load.current(), []);
  return (
    <Page title={trans.__('Models')} problem={problem} onClose={props.onClose}>
      {list && form ? (
        <ProviderEditor
          form={form}
          known={list.known.find(each => each.id === form.provider)!}
          hasKey={list.saved.some(each => each.name === form.name && each.has_key)}
          onChange={setForm}
          test={props.test}
          onKeep={() => void ask(props.keep(form)).then(ok => ok && setForm(null))}
          onCancel={() => {
            setForm(null);
            forgetProblem();
          }}
        />
      ) : (
        list && (
          <Overview
            list={list}
            onNew={known => setForm(formFor(known, list))}
            onEdit={saved => setForm({ ...saved, key: '' })}
            onRemove={name => void ask(props.remove(name))}
          />
        )
      )}
    </Page>
  );
}

interface OverviewProps {
  list: ProviderList;
  onNew: (known: Known) => void;
  onEdit: (form: Omit<ProviderForm, 'key'>) => void;
  onRemove: (name: string) => void;
}

function Overview({ list, onNew, onEdit, onRemove }: OverviewProps): JSX.Element {
  const { trans } = useServices();
  const labelOf = (id: string) => list.known.find(each => each.id === id)?.label ?? id;
  return (
    <>
      <p>
        {trans.__(
          'Set up whose models answer here. Keys stay on the server, in a file that only its user can read; they are never shown again.'
        )}
      </p>
      {!list.editable && <p className="jp-Copilot-modelsSaid">{list.reason}</p>}
      {list.configured.length > 0 && (
        <p>{trans.__('Set up by an administrator: %1', list.configured.join(', '))}</p>
      )}
      <ul className="jp-Copilot-modelsList" aria-label={trans.__('Providers set up here')}>
        {list.saved.map(({ name, provider, base_url, models, has_key }) => (
          <li key={name}>
            <strong>
              {name === provider ? labelOf(provider) : `${labelOf(provider)} (${name})`}
            </strong>
            <span>{models.map(each => each.model).join(', ')}</span>
            <span className="jp-Copilot-modelsMeans" dir="ltr">
              {base_url}
            </span>
            <span className="jp-Copilot-modelsMeans">
              {has_key ? trans.__('A key is saved') : trans.__('Without a key')}
            </span>
            {list.editable && (
              <span className="jp-Copilot-row">
                <Button
                  className="jp-Copilot-button jp-mod-line"
                  aria-label={trans.__('Change %1', name)}
                  onClick={() => onEdit({ name, provider, base_url, models })}
                >
                  {trans.__('Change')}
                </Button>
                <Button
                  className="jp-Copilot-button jp-mod-line"
                  aria-label={trans.__('Remove %1', name)}
                  onClick={() => onRemove(name)}
                >
                  {trans.__('Remove')}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {list.editable && (
        <>
          <h3>{trans.__('Add a provider')}</h3>
          <div className="jp-Copilot-modelsChoices">
            {list.known.map(known => (
              <Button
                key={known.id}
                className="jp-Copilot-button jp-mod-line"
                onClick={() => onNew(known)}
              >
                {known.label}
              </Button>
            ))}
          </div>
        </>
      )}
    </>
  );
}
