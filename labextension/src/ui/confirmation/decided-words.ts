import type { TranslationBundle } from '@jupyterlab/translation';

import { ANSWER, APPROVE, DENY, SKIP } from '../../protocol';
import type { Closed } from '../../view-model/conversation/run-blocks';
import type { Refusal } from '../../view-model/decision';
import { actorName, surfaceName } from '../../view-model/wording';
import { answerWords } from '../form/answer-words';

/** The refusal of who decided too late, told beside the line that says who won. */
export function inWords(refusal: Refusal, confirmation: Closed, trans: TranslationBundle): Refusal {
  if (refusal.code !== 'already_decided' || confirmation.status !== 'decided') {
    return refusal;
  }
  const name = actorName(confirmation.by, trans);
  const message = trans.__('%1 was first. Your decision changed nothing.', name);
  return { ...refusal, message };
}

export function isYes(confirmation: Closed): boolean {
  if (confirmation.status !== 'decided') {
    return false;
  }
  const option = confirmation.options.find(o => o.id === confirmation.option);
  return option?.style === 'primary' || confirmation.option === APPROVE;
}

export function whoDecided(confirmation: Closed, trans: TranslationBundle): string {
  switch (confirmation.status) {
    case 'expired':
      return trans.__('Nobody decided in time');
    case 'withdrawn':
      return trans.__('%1 took it back', actorName(confirmation.by, trans));
    case 'decided':
      return decision(confirmation, actorName(confirmation.by, trans), trans);
  }
}

function decision(
  confirmation: Extract<Closed, { status: 'decided' }>,
  name: string,
  trans: TranslationBundle
): string {
  switch (confirmation.option) {
    case APPROVE:
      return trans.__('%1 approved', name);
    case DENY:
      return trans.__('%1 denied', name);
    case ANSWER:
      return trans.__('%1 answered', name);
    case SKIP:
      return confirmation.comment ? trans.__('%1 answered', name) : trans.__('%1 skipped', name);
    default: {
      const label = confirmation.options.find(o => o.id === confirmation.option)?.label;
      return trans.__('%1 chose “%2”', name, label ?? confirmation.option);
    }
  }
}

export function from(confirmation: Closed, trans: TranslationBundle): string {
  if (confirmation.status === 'expired') {
    return trans.__('It counts as denied.');
  }
  const surface = confirmation.by.surface;
  return surface ? ` ${trans.__('from %1', surfaceName(surface, trans))}` : '';
}

/** What the person said with it, or filled into the form, in short. */
export function words(confirmation: Closed, trans: TranslationBundle): string {
  switch (confirmation.status) {
    case 'expired':
      return '';
    case 'withdrawn':
      return confirmation.reason;
    case 'decided':
      return (
        confirmation.comment ||
        cut(answerWords(confirmation.schema ?? {}, confirmation.value, trans))
      );
  }
}

const ANSWER_CHARS = 160;

function cut(text: string): string {
  return text.length > ANSWER_CHARS ? `${text.slice(0, ANSWER_CHARS)}…` : text;
}

export function origin(confirmation: Closed, trans: TranslationBundle): string {
  const at = new Date(confirmation.at).toLocaleString();
  if (confirmation.status === 'expired') {
    return trans.__('%1. It counts as denied.', at);
  }
  const { surface, auth } = confirmation.by;
  const parts = [at, surface && trans.__('from %1', surfaceName(surface, trans))];
  if (auth === 'browser') {
    parts.push(trans.__('signed in with a browser'));
  } else if (auth === 'token') {
    parts.push(trans.__('signed in with a token'));
  }
  return parts.filter(Boolean).join(', ');
}
