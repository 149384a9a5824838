/** Providers of models as the Models page shows them. */

export interface Known {
  readonly id: string;
  readonly label: string;
  readonly base_url: string;
  readonly wants_key: boolean;
  readonly note: string;
}

export interface SavedModel {
  readonly model: string;
  readonly context_tokens: number;
}

export interface Saved {
  readonly name: string;
  readonly provider: string;
  readonly base_url: string;
  readonly models: readonly SavedModel[];
  readonly has_key: boolean;
}

export interface ProviderList {
  readonly editable: boolean;
  /** Why it is not editable. */
  readonly reason: string;
  readonly known: readonly Known[];
  readonly saved: readonly Saved[];
  /** What an administrator set up. */
  readonly configured: readonly string[];
}

export interface Listed {
  readonly model: string;
  readonly context_tokens: number | null;
}

/** What came of a test: a sentence, what to do next, and the models that the provider has. */
export interface Trial {
  readonly ok: boolean;
  readonly message: string;
  readonly hint: string;
  readonly models: readonly Listed[];
}

/** A provider as it is filled in; an empty key leaves the kept one. */
export interface ProviderForm {
  readonly name: string;
  readonly provider: string;
  readonly base_url: string;
  readonly key: string;
  readonly models: readonly SavedModel[];
}

export const CONTEXT_TOKENS = 128_000;

/** An empty form for a provider, under a name that is free. */
export function formFor(known: Known, list: ProviderList): ProviderForm {
  const taken = new Set([...list.saved.map(each => each.name), ...list.configured]);
  const names = [known.id, ...[2, 3, 4, 5, 6, 7, 8, 9].map(n => `${known.id}-${n}`)];
  const name = names.find(each => !taken.has(each)) ?? known.id;
  return { name, provider: known.id, base_url: known.base_url, key: '', models: [] };
}

/** A model chosen or no longer. */
export function toggled(form: ProviderForm, { model, context_tokens }: Listed): ProviderForm {
  const chosen = form.models.some(each => each.model === model);
  const models = chosen
    ? form.models.filter(each => each.model !== model)
    : [...form.models, { model, context_tokens: context_tokens ?? CONTEXT_TOKENS }];
  return { ...form, models };
}

/** The same with another context size of a model. */
export function resized(form: ProviderForm, model: string, context_tokens: number): ProviderForm {
  const models = form.models.map(each => (each.model === model ? { model, context_tokens } : each));
  return { ...form, models };
}
