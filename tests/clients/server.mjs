/**
 * OFREP's provider for servers, in Node: what it reads of each flag, as a line of JSON.
 *
 * Usage: node server.mjs URL KEY
 */
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const [url, key] = process.argv.slice(2);
const provider = new OFREPProvider({
  baseUrl: url,
  headers: [["Authorization", `Bearer ${key}`]],
});
await OpenFeature.setProviderAndWait(provider);
const client = OpenFeature.getClient();
const ada = { targetingKey: "ada", plan: "pro" };

const asked = {
  boolean: await client.getBooleanDetails("new-checkout", true, ada),
  string: await client.getStringDetails("search-engine", "none", ada),
  integer: await client.getNumberDetails("page-size", -1, ada),
  missing: await client.getStringDetails("no such/flag é", "caller's", ada),
  mismatched: await client.getNumberDetails("search-engine", -1, ada),
};
const told = Object.entries(asked).map(([name, { value, variant, reason, errorCode }]) => [
  name,
  { value, variant, reason, errorCode },
]);
console.log(JSON.stringify(Object.fromEntries(told)));
await OpenFeature.close();
