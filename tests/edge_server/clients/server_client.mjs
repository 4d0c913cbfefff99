// The JavaScript SDK for servers with its OFREP provider. One evaluation per line of the standard input.
import { createInterface } from 'node:readline';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';

const { baseUrl, headers } = JSON.parse(process.argv[2]);
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
const client = OpenFeature.getClient();
const methods = {
  boolean: 'getBooleanDetails',
  string: 'getStringDetails',
  number: 'getNumberDetails',
  object: 'getObjectDetails',
};

for await (const line of createInterface({ input: process.stdin })) {
  const { type, key, fallback, context } = JSON.parse(line);
  console.log(JSON.stringify(await client[methods[type]](key, fallback, context)));
}
process.exit(0);
