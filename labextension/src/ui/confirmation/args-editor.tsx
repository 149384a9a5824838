import * as React from 'react';

import { visibleText } from '../../core/visible-text';
import { Form } from '../form/form';
import type { Problems, Schema } from '../form/schema';
import { Code } from '../shared/code';
import { HazardNote } from '../shared/visible';

export type Args = { readonly [name: string]: unknown };

export interface ArgsEditorProps {
  args: Args;
  /** The tool's own schema; where it is unknown, fields follow from the arguments. */
  schema: Schema | null;
  problems: Problems;
  onChange: (args: Args) => void;
}

/** The arguments of a call, to be changed before it is approved. */
export function ArgsEditor({ args, schema, problems, onChange }: ArgsEditorProps): JSX.Element {
  const hiding = Object.values(args).filter(hides);
  return (
    <div className="jp-Copilot-argsEditor">
      <Form
        schema={schema?.properties ? schema : schemaOf(args)}
        value={args}
        problems={problems}
        onChange={value => onChange(value as Args)}
      />
      <HazardNote sources={hiding} />
      {hiding.map((text, index) => (
        <Code key={index} code={text} language="python" />
      ))}
    </div>
  );
}

/** Whether a field cannot show a value as what it is. */
function hides(value: unknown): value is string {
  return typeof value === 'string' && visibleText(value).hazards.length > 0;
}

/** A schema that the given arguments fit, for drawing them. */
export function schemaOf(args: Args): Schema {
  const properties = Object.entries(args).map(([name, value]): [string, Schema] => {
    const kind = typeof value;
    return [
      name,
      kind === 'string' || kind === 'number' || kind === 'boolean' ? { type: kind } : {}
    ];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: Object.keys(args)
  };
}
