/** What people are told of completions. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CompletionSwitch, Mode } from './completion-switch';

/** The state in the status bar. */
export function stateWords(switched: CompletionSwitch, trans: TranslationBundle): string {
  const { mode, model, problem, isSlow } = switched;
  if (mode === 'off' || model === null) {
    return trans.__('Completion: off');
  }
  if (problem !== null) {
    return trans.__('Completion: paused');
  }
  return mode === 'invoke' || isSlow
    ? trans.__('Completion: on Alt+\\')
    : trans.__('Completion: %1', model.label);
}

/** When it asks, in a sentence. */
export function modeWords(mode: Mode, isSlow: boolean, trans: TranslationBundle): string {
  switch (mode) {
    case 'off':
      return trans.__('It is switched off: nothing is sent.');
    case 'invoke':
      return trans.__('It asks when you press Alt+\\, and not by itself.');
    case 'typing':
      return isSlow
        ? trans.__('The model takes more than 1.5 seconds, so it asks only when you press Alt+\\.')
        : trans.__('It asks when you pause while typing code.');
  }
}

/** What is sent where, in sentences. */
export function sentWords(switched: CompletionSwitch, trans: TranslationBundle): string[] {
  const { model, sent, count, problem } = switched;
  if (model === null) {
    return [trans.__('No model is configured.')];
  }
  const told = [
    trans.__(
      'Sent to %1 (%2): the code around the cursor, of the cells above and below what fits, and the names and types of the kernel’s variables. Never outputs or values, and nothing is kept.',
      model.label,
      model.host
    ),
    model.costs
      ? trans.__('Each request may cost money.')
      : trans.__('The model runs on this machine or in your network.')
  ];
  if (sent !== null) {
    told.push(
      trans.__(
        'The last of %1 requests: %2 characters, %3 other cells, %4 names, to %5.',
        count,
        sent.chars,
        sent.cells,
        sent.names,
        sent.host
      )
    );
  }
  return problem === null ? told : [...told, `${problem.message} ${problem.hint}`.trim()];
}
