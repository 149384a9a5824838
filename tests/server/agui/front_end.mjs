// A scripted front end: each line of its input is a run of the official client, whose events it prints as JSON.
// `{"post": {"id", "text"}}`, `{"resume": {"<interrupt id>": {"status", "payload"}}}`, or `{}` to look at the chat;
// `entries` is a resume as it goes over the wire, and with `"stop": "<event type>"` it goes away once it sees such an event.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.CLIENTS + '/package.json');
const { HttpAgent, buildResumeArray } = await import(pathToFileURL(require.resolve('@ag-ui/client')).href);
const warnings = [];
console.warn = (...said) => warnings.push(said.join(' '));
const agent = new HttpAgent({
  url: process.env.URL,
  threadId: process.env.THREAD,
  headers: { Authorization: `token ${process.env.TOKEN}` }
});

async function run({ post, resume, entries, stop, run_id, tools }) {
  const events = [];
  let error = null;
  if (post) agent.addMessage({ id: post.id, role: 'user', content: post.text });
  const pending = agent.pendingInterrupts;
  const parameters = { runId: run_id, tools };
  if (entries) parameters.resume = entries;
  if (resume) parameters.resume = buildResumeArray(pending, resume);
  const seeing = {
    onEvent({ event }) {
      events.push(event);
      if (event.type === stop) agent.abortRun();
    }
  };
  try {
    await agent.runAgent(parameters, seeing);
  } catch (failure) {
    error = String(failure.message ?? failure);
  }
  return { events, error, warnings, messages: agent.messages, interrupts: agent.pendingInterrupts };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
}
