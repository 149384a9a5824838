import * as React from 'react';

import { choicesOf, type Control, same, type Schema } from './schema';
import { useTrans } from '../shared/services';

/** What a control says to those who read aloud. */
export interface Aria {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  'aria-required': boolean;
}

export interface InputProps {
  schema: Schema;
  control: Control;
  value: unknown;
  required: boolean;
  disabled: boolean;
  aria: Aria;
  onChange: (value: unknown) => void;
}

/** The control for one plain value. */
export function Input(props: InputProps): JSX.Element {
  const { schema, value, onChange, control, aria, disabled } = props;
  const trans = useTrans();
  const className = 'jp-Copilot-field';
  switch (control) {
    case 'choice': {
      const choices = choicesOf(schema) ?? [];
      const index = choices.findIndex(c => same(c.value, value));
      return (
        <select
          {...aria}
          className={className}
          disabled={disabled}
          value={index}
          onChange={event => onChange(choices[Number(event.target.value)]?.value)}
        >
          {(index < 0 || !props.required) && <option value={-1}>{trans.__('Choose…')}</option>}
          {choices.map((choice, i) => (
            <option key={i} value={i}>
              {choice.label}
            </option>
          ))}
        </select>
      );
    }
    case 'number':
    case 'integer':
      return (
        <input
          {...aria}
          className={className}
          type="number"
          step={schema.multipleOf ?? (control === 'integer' ? 1 : 'any')}
          min={schema.minimum}
          max={schema.maximum}
          disabled={disabled}
          value={typeof value === 'number' ? value : ''}
          onChange={event =>
            onChange(event.target.value === '' ? undefined : event.target.valueAsNumber)
          }
        />
      );
    case 'json':
      return <JsonField {...props} />;
    default:
      return <TextField {...props} />;
  }
}

/** A text. One that ever has several lines is edited as such: an input would join them at the first keystroke. */
function TextField({ schema, control, value, onChange, aria, disabled }: InputProps): JSX.Element {
  const text = typeof value === 'string' ? value : '';
  const [wasThere] = React.useState(typeof value === 'string');
  const hadLines = React.useRef(false);
  hadLines.current ||= control === 'long_text' || /[\n\r]/.test(text);
  const shared = {
    ...aria,
    disabled,
    value: text,
    // What was a text stays one when it is emptied; what was absent is absent again.
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onChange(event.target.value || (wasThere ? '' : undefined))
  };
  return hadLines.current ? (
    <textarea
      {...shared}
      className="jp-Copilot-field jp-mod-code"
      spellCheck={false}
      dir="ltr"
      rows={Math.min(16, Math.max(3, text.split('\n').length + 1))}
    />
  ) : (
    <input {...shared} className="jp-Copilot-field" type="text" maxLength={schema.maxLength} />
  );
}

/** What no other control fits: JSON as text, passed on whenever it can be read. */
function JsonField({ value, onChange, aria, disabled }: InputProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState(() =>
    value === undefined ? '' : JSON.stringify(value, null, 2)
  );
  const [broken, setBroken] = React.useState(false);
  const change = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === '' ? undefined : JSON.parse(next));
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  return (
    <>
      <textarea
        {...aria}
        aria-invalid={broken || aria['aria-invalid']}
        className="jp-Copilot-field jp-mod-code"
        spellCheck={false}
        dir="ltr"
        rows={Math.min(12, text.split('\n').length + 1)}
        disabled={disabled}
        value={text}
        onChange={event => change(event.target.value)}
      />
      {broken && (
        <div className="jp-Copilot-problem" role="alert">
          {trans.__('This is not JSON yet; the last valid text is used')}
        </div>
      )}
    </>
  );
}
