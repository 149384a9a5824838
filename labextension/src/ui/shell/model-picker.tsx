import * as React from 'react';

import type { ModelChoice } from '../../view-model/copilot-view';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

export interface ModelPickerProps {
  /** The models that the server offers, the default first. */
  models: readonly ModelChoice[];
  /** The one chosen here; null means the server's default. */
  current: string | null;
  onPick: (model: string) => void;
  /** Leads to where models are set up. */
  onSetUp: () => void;
}

/** Which model answers the next message. */
export function ModelPicker({
  models,
  current,
  onPick,
  onSetUp
}: ModelPickerProps): JSX.Element | null {
  const trans = useTrans();
  const shown = models.find(m => m.name === current) ?? models[0];
  if (shown === undefined) {
    return null;
  }
  const name = shortName(shown);
  return (
    <Menu label={trans.__('Model: %1', name)} value={name} side="above">
      {close => [
        ...models.map(model => (
          <MenuEntry
            key={model.name}
            checked={model === shown}
            onPick={() => {
              onPick(model.name);
              close();
            }}
          >
            <span className="jp-Copilot-grow">
              {model.label || model.name}
              {model.note && <span className="jp-Copilot-entryMeans">{model.note}</span>}
            </span>
          </MenuEntry>
        )),
        <MenuEntry
          key=""
          onPick={() => {
            onSetUp();
            close();
          }}
        >
          {trans.__('Set up models…')}
        </MenuEntry>
      ]}
    </Menu>
  );
}

/** A model's name without the folder of whoever serves it. */
function shortName(model: ModelChoice): string {
  const name = model.label || model.name;
  return name.slice(name.lastIndexOf('/') + 1);
}
