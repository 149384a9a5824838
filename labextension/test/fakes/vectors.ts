import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The cases of one file of golden vectors, which Python runs, too. */
export function cases<T>(
  name: 'command_queue' | 'replica' | 'policy' | 'permissions' | 'locks'
): (T & { name: string })[] {
  const path = resolve(__dirname, `../../../tests/vectors/${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as (T & { name: string })[];
}
