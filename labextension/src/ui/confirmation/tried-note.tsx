import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Confirmation } from '../../protocol';
import { useTrans } from '../shared/services';

/** Code in a kernel tried to decide this: whoever decides should know. */
export function TriedNote({ confirmation }: { confirmation: Confirmation }): JSX.Element | null {
  const tried = triedWords(confirmation, useTrans());
  return tried === null ? null : <div className="jp-Copilot-tried">{tried}</div>;
}

/** That code tried to decide, in a sentence; null when none did. */
export function triedWords(confirmation: Confirmation, trans: TranslationBundle): string | null {
  const by = confirmation.tried_by;
  return by && trans.__('Code in “%1” tried to decide this by itself. It was refused.', by.name);
}
