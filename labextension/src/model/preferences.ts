import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { type ISignal, Signal } from '@lumino/signaling';

/** The settings of this extension. */
export interface PreferenceValues {
  sendWith: 'enter' | 'modifier';
  errorButtons: boolean;
  cellMarks: boolean;
  reviewInCells: boolean;
  actHere: boolean;
  allowedCommands: readonly string[];
  completion: 'auto' | 'on' | 'invoke' | 'off';
  completionModel: string;
  notifications: 'desktop' | 'page' | 'off';
}

/** The schema's defaults; but where no settings can be read, no command is allowed. */
export const DEFAULT_PREFERENCES: PreferenceValues = {
  sendWith: 'enter',
  errorButtons: true,
  cellMarks: true,
  reviewInCells: true,
  actHere: true,
  allowedCommands: [],
  completion: 'auto',
  completionModel: '',
  notifications: 'desktop'
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
    this.settings = settings;
    const read = () => {
      this._values = { ...DEFAULT_PREFERENCES, ...(settings.composite as object) };
      this._changed.emit();
    };
    settings.changed.connect(read);
    read();
  }

  /** Keep some values for this person. Rejects when they cannot be kept. */
  async save(values: Partial<PreferenceValues>): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      await this.settings?.set(name, value as never);
    }
  }

  private settings: ISettingRegistry.ISettings | null = null;
  private _values = DEFAULT_PREFERENCES;
  private readonly _changed = new Signal<this, void>(this);
}
