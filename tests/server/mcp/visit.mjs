// A scripted agent in JavaScript: `node visit.mjs SDK MODE` looks around, proposes, waits, and runs a cell.
// SDK is 1 or 2 (the generations of the TypeScript SDK), MODE what it negotiates. What it saw is printed as JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [sdk, mode] = process.argv.slice(2);
const { MCP_CLIENTS, NOTEBOOK_URL, NOTEBOOK_TOKEN, ACTING } = process.env;
const require = createRequire(MCP_CLIENTS + '/package.json');
const load = async name => import(pathToFileURL(require.resolve(name)).href);

const requestInit = { headers: { Authorization: `Bearer ${NOTEBOOK_TOKEN}` } };
const info = { name: 'scripted', version: '1' };
const url = new URL(NOTEBOOK_URL);
let client, transport;
if (sdk === '1') {
  const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await load('@modelcontextprotocol/sdk/client/streamableHttp.js');
  client = new Client(info);
  transport = new StreamableHTTPClientTransport(url, { requestInit });
} else {
  const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
  client = new Client(info, { versionNegotiation: { mode: mode === 'auto' ? 'auto' : { pin: mode } } });
  transport = new StreamableHTTPClientTransport(url, { requestInit });
}
const call = (name, args, options) =>
  sdk === '1'
    ? client.callTool({ name, arguments: args }, undefined, options)
    : client.callTool({ name, arguments: args }, options);

await client.connect(transport);
const progress = [];
const tools = (await client.listTools()).tools.map(tool => tool.name);
let read, text;
if (client.getServerCapabilities().resources) {
  read = await call('read_notebook', {});
  const resource = (await client.listResources()).resources[0].uri;
  text = (await client.readResource({ uri: resource })).contents[0].text;
}
const acted = JSON.parse(ACTING ?? '[]');
const results = [];
for (const { tool, args } of acted) {
  const options = { onprogress: told => progress.push(told.message), resetTimeoutOnProgress: true };
  results.push(await call(tool, args, options));
}
const seen = { tools, read, text, results, progress, instructions: client.getInstructions() };
process.stdout.write(JSON.stringify(seen));
await client.close();
