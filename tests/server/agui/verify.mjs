// Checks streams of events, a JSON array a line, as the official client does, and says of each what is wrong with it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.CLIENTS + '/package.json');
const load = async name => import(pathToFileURL(require.resolve(name)).href);
const { verifyEvents } = await load('@ag-ui/client');
const { EventSchemas } = await load('@ag-ui/core/schemas');
const { from, lastValueFrom } = await load('rxjs');

for await (const line of createInterface({ input: process.stdin })) {
  const events = JSON.parse(line);
  let problem = '';
  try {
    events.forEach(event => EventSchemas.parse(event));
    await lastValueFrom(verifyEvents(false)(from(events)));
  } catch (error) {
    problem = String(error.message ?? error);
  }
  process.stdout.write(JSON.stringify(problem) + '\n');
}
