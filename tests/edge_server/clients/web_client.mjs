// The JavaScript SDK for browsers with its OFREP provider. One evaluation, or a look at what happened, per line.
import { createInterface } from 'node:readline';

const stored = {};
globalThis.window = globalThis;
globalThis.document = { addEventListener() {}, removeEventListener() {}, visibilityState: 'visible' };
globalThis.localStorage = {
  getItem: (key) => stored[key] ?? null,
  setItem: (key, value) => { stored[key] = value; },
  removeItem: (key) => { delete stored[key]; },
};
const { OFREPWebProvider } = await import('@openfeature/ofrep-web-provider');
const { OpenFeature, ProviderEvents } = await import('@openfeature/web-sdk');

const { baseUrl, headers, pollInterval, cacheMode } = JSON.parse(process.argv[2]);
const answers = [];
const events = [];
async function fetchImplementation(...request) {
  const answer = await fetch(...request);
  answers.push({ status: answer.status, etag: answer.headers.get('etag') });
  return answer;
}
for (const name of ['ConfigurationChanged', 'Stale', 'Error']) {
  OpenFeature.addHandler(ProviderEvents[name], (details) => {
    events.push({ name, flagsChanged: details?.flagsChanged });
  });
}
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({ baseUrl, headers, pollInterval, cacheMode, fetchImplementation }),
);
const client = OpenFeature.getClient();
const methods = {
  boolean: 'getBooleanDetails',
  string: 'getStringDetails',
  number: 'getNumberDetails',
  object: 'getObjectDetails',
};

for await (const line of createInterface({ input: process.stdin })) {
  const { type, key, fallback, context } = JSON.parse(line);
  if (context) await OpenFeature.setContext(context);
  const state = { answers, events, stored: Object.values(stored), status: client.providerStatus };
  console.log(JSON.stringify(type ? client[methods[type]](key, fallback) : state));
}
process.exit(0);
