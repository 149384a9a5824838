import * as React from 'react';

import { type Call, DENY, type Open, type Option, SKIP } from '../../protocol';
import { type Args, schemaOf } from './args-editor';
import type { Decision } from '../../view-model/decision';
import { initialValue, type Problems, problemsOf, type Schema } from '../form/schema';
import { useTrans } from '../shared/services';

/** What the card asks of the person now: to choose, or first to change the arguments, to say why not, to say it in words. */
export type Stage = 'choose' | 'edit' | 'deny' | 'words' | 'grant';

const NO_PROBLEMS: Problems = new Map();

export interface DecisionInHand {
  stage: Stage;
  setStage: (stage: Stage) => void;
  /** The option that acts, or answers. */
  primary: Option | undefined;
  /** Whether the option that acts can be chosen. */
  mayAct: boolean;
  /** The option that refuses a call, where there is one. */
  refuse: Option | undefined;
  schema: Schema | null;
  args: Args;
  setArgs: (args: Args) => void;
  value: unknown;
  setValue: (value: unknown) => void;
  problems: Problems;
  /** Decides for an option; nothing is decided while what was entered does not fit. */
  choose: (option: Option, comment?: string) => void;
  /** Approves as it stands, and grants a rule along with it. */
  grant: (grant: NonNullable<Decision['grant']>) => void;
  /** Decides with words: denies with a reason, or answers outside of the form. */
  chooseWords: (comment: string) => void;
}

/**
 * A decision while a person is making it. `isOpen` says whether they may decide now, `hasSeen` whether they could see all
 * of what the option that acts would do: before, they can only refuse it.
 */
export function useDecision(
  confirmation: Open,
  call: Call | null,
  isOpen: boolean,
  hasSeen: boolean,
  onDecide: (decision: Decision) => void
): DecisionInHand {
  const trans = useTrans();
  const { options, kind } = confirmation;
  const schema = confirmation.schema as Schema | null;
  const [stage, setStage] = React.useState<Stage>('choose');
  const [args, setArgs] = React.useState<Args>(call?.args ?? {});
  const [value, setValue] = React.useState<unknown>(() => schema && initialValue(schema));
  const [problems, setProblems] = React.useState(NO_PROBLEMS);
  const primary = options.find(o => o.style === 'primary') ?? options[0];
  const isCall = kind === 'tool_call';

  const choose = (option: Option, comment = '') => {
    if (option.id === primary?.id && !hasSeen) {
      return;
    }
    const entered = option.id === primary?.id ? whatWasEntered() : null;
    const found = entered ? problemsOf(entered.schema, entered.value, trans, isCall) : NO_PROBLEMS;
    setProblems(found);
    if (found.size === 0 && isOpen) {
      onDecide({ option: option.id, comment, ...entered?.decision });
    }
  };

  /** What goes with the option that acts: edited arguments of a call, or the values of a question's form. */
  const whatWasEntered = () => {
    if (isCall) {
      const form = schema?.properties ? schema : schemaOf(args);
      return stage === 'edit'
        ? { schema: form, value: args, decision: { edited_args: args } }
        : null;
    }
    return schema && { schema, value, decision: { value } };
  };

  const grant = (granted: NonNullable<Decision['grant']>) => {
    if (primary && hasSeen && isOpen) {
      onDecide({ option: primary.id, comment: '', grant: granted });
    }
  };

  const chooseWords = (comment: string) => {
    const option = options.find(o => o.id === (stage === 'deny' ? DENY : SKIP));
    if (option) {
      choose(option, comment);
    }
  };

  const refuse = options.find(o => o.id === DENY);
  const fields = { args, setArgs, value, setValue, problems };
  const acting = { primary, mayAct: hasSeen, refuse, choose, grant, chooseWords };
  return { stage, setStage, schema, ...acting, ...fields };
}
