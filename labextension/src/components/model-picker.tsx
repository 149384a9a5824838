import * as React from 'react';

import { Menu, MenuEntry } from './menu';
import { useTrans } from './services';

export interface ModelPickerProps {
  /** The models that the server offers, the default first. */
  models: string[];
  /** The one chosen here; null means the server's default. */
  current: string | null;
  onPick: (model: string) => void;
}

/** Which model answers the next message. */
export function ModelPicker({ models, current, onPick }: ModelPickerProps): JSX.Element | null {
  const trans = useTrans();
  const shown = current ?? models[0];
  if (shown === undefined) {
    return null;
  }
  return (
    <Menu label={trans.__('Model: %1', shown)} value={shortName(shown)} side="above">
      {close =>
        models.map(model => (
          <MenuEntry
            key={model}
            checked={model === shown}
            onPick={() => {
              onPick(model);
              close();
            }}
          >
            <span className="jp-Copilot-grow">{model}</span>
          </MenuEntry>
        ))
      }
    </Menu>
  );
}

/** A model's name without the folder of whoever serves it. */
function shortName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}
