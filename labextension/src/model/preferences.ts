import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { type ISignal, Signal } from '@lumino/signaling';

/** The settings of this extension. */
export interface PreferenceValues {
  sendWith: 'enter' | 'modifier';
  errorButtons: boolean;
  cellMarks: boolean;
  actHere: boolean;
  allowedCommands: readonly string[];
}

/** The schema's defaults; but where no settings can be read, no command is allowed. */
export const DEFAULT_PREFERENCES: PreferenceValues = {
  sendWith: 'enter',
  errorButtons: true,
  cellMarks: true,
  actHere: true,
  allowedCommands: []
};

/** The person's settings, as they are now. Before they are loaded, and where none can be, the defaults hold. */
export class Preferences {
  get values(): PreferenceValues {
    return this._values;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Follow the settings of the person. */
  follow(settings: ISettingRegistry.ISettings): void {
    const read = () => {
      this._values = { ...DEFAULT_PREFERENCES, ...(settings.composite as object) };
      this._changed.emit();
    };
    settings.changed.connect(read);
    read();
  }

  private _values = DEFAULT_PREFERENCES;
  private readonly _changed = new Signal<this, void>(this);
}
