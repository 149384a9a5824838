import * as React from 'react';

import { Button } from '../shared/button';
import { LinkedText } from '../shared/linked-text';
import {
  choicesOf,
  type Control,
  controlOf,
  initialValue,
  type Problems,
  same,
  type Schema,
  titleOf
} from './schema';
import { type Aria, Input } from './input';
import { useServices, useTrans } from '../shared/services';

export interface FormProps {
  schema: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Problems beside their fields; shown once the person has tried to send. */
  problems: Problems;
  disabled?: boolean;
}

/** A form drawn from a JSON schema. */
export function Form({
  schema,
  value,
  onChange,
  problems,
  disabled = false
}: FormProps): JSX.Element {
  const shared = { problems, disabled };
  if (controlOf(schema) === 'object') {
    return <Properties schema={schema} value={value} onChange={onChange} path="" {...shared} />;
  }
  return (
    <FieldRow
      schema={schema}
      value={value}
      onChange={onChange}
      path=""
      name=""
      required
      {...shared}
    />
  );
}

interface FieldProps {
  schema: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  path: string;
  problems: Problems;
  disabled: boolean;
}

interface NamedFieldProps extends FieldProps {
  name: string;
  required: boolean;
}

function Properties({ schema, value, onChange, path, ...rest }: FieldProps): JSX.Element {
  const object = (value ?? {}) as Record<string, unknown>;
  const change = (name: string, next: unknown) => {
    const { [name]: _, ...others } = object;
    onChange(next === undefined ? others : { ...object, [name]: next });
  };
  return (
    <div className="jp-Copilot-form">
      {Object.entries(schema.properties ?? {}).map(([name, property]) => (
        <FieldRow
          key={name}
          {...rest}
          schema={property}
          value={object[name]}
          onChange={next => change(name, next)}
          path={path ? `${path}.${name}` : name}
          name={name}
          required={schema.required?.includes(name) ?? false}
        />
      ))}
    </div>
  );
}

/** A label, its control, its description and its problem. */
function FieldRow(props: NamedFieldProps): JSX.Element {
  const { schema, name, path, problems, required } = props;
  const trans = useTrans();
  const id = React.useId();
  const control = controlOf(schema);
  const problem = problems.get(path);
  const title = titleOf(schema, name);
  const optional = !required && control !== 'boolean' && (
    <span className="jp-Copilot-optional"> {trans.__('optional')}</span>
  );
  const notes = (
    <>
      {schema.description && (
        <div className="jp-Copilot-means" id={`${id}.means`}>
          <LinkedText text={schema.description} />
        </div>
      )}
      {problem && (
        <div className="jp-Copilot-problem" id={`${id}.problem`} role="alert">
          {problem}
        </div>
      )}
    </>
  );
  const described = [schema.description && `${id}.means`, problem && `${id}.problem`];
  const aria: Aria = {
    id,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': problem !== undefined,
    'aria-required': required
  };
  if (control === 'boolean') {
    return (
      <div className="jp-Copilot-formRow">
        <label className="jp-Copilot-check">
          <input
            type="checkbox"
            {...aria}
            disabled={props.disabled}
            checked={props.value === true}
            onChange={event => props.onChange(event.target.checked)}
          />
          <span>
            <LinkedText text={title} />
          </span>
        </label>
        {notes}
      </div>
    );
  }
  if (control === 'object' || control === 'array' || control === 'checks') {
    return (
      <fieldset className="jp-Copilot-formRow jp-Copilot-fieldset">
        {title && (
          <legend className="jp-Copilot-label">
            <LinkedText text={title} />
            {optional}
          </legend>
        )}
        {notes}
        <Compound {...props} control={control} aria={aria} />
      </fieldset>
    );
  }
  return (
    <div className="jp-Copilot-formRow">
      {title && (
        <label className="jp-Copilot-label" htmlFor={id}>
          <LinkedText text={title} />
          {optional}
        </label>
      )}
      <Input {...props} control={control} aria={aria} />
      {notes}
    </div>
  );
}

interface ControlProps extends NamedFieldProps {
  control: Control;
  aria: Aria;
}

function Compound(props: ControlProps): JSX.Element {
  switch (props.control) {
    case 'object':
      return <Properties {...props} />;
    case 'checks':
      return <Checks {...props} />;
    default:
      return <Items {...props} />;
  }
}

/** Several of a few known values. */
function Checks({ schema, value, onChange, disabled }: ControlProps): JSX.Element {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <>
      {(choicesOf(schema.items ?? {}) ?? []).map(choice => {
        const checked = chosen.some(v => same(v, choice.value));
        const toggled = checked
          ? chosen.filter(v => !same(v, choice.value))
          : [...chosen, choice.value];
        return (
          <label key={choice.label} className="jp-Copilot-check">
            <input
              type="checkbox"
              checked={checked}
              disabled={disabled}
              onChange={() => onChange(toggled)}
            />
            <span>{choice.label}</span>
          </label>
        );
      })}
    </>
  );
}

/** A list that grows and shrinks. */
function Items({ schema, value, onChange, path, problems, disabled }: ControlProps): JSX.Element {
  const { Icon, trans } = useServices();
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const item = schema.items ?? {};
  return (
    <>
      {items.map((entry, index) => (
        <div key={index} className="jp-Copilot-item">
          <div className="jp-Copilot-grow">
            <FieldRow
              schema={{ title: String(index + 1), ...item }}
              name=""
              required
              path={path ? `${path}.${index}` : String(index)}
              value={entry}
              problems={problems}
              disabled={disabled}
              onChange={next => onChange(items.map((old, i) => (i === index ? next : old)))}
            />
          </div>
          <Button
            className="jp-Copilot-iconButton"
            aria-label={trans.__('Remove %1', index + 1)}
            title={trans.__('Remove')}
            disabled={disabled}
            onClick={() => onChange(items.filter((_, i) => i !== index))}
          >
            <Icon name="close" />
          </Button>
        </div>
      ))}
      <Button
        className="jp-Copilot-link"
        disabled={disabled || items.length >= (schema.maxItems ?? Infinity)}
        onClick={() => onChange([...items, initialValue(item) ?? ''])}
      >
        {trans.__('Add one')}
      </Button>
    </>
  );
}
