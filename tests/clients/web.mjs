/**
 * OFREP's provider for web pages, in Node: what it reads of `new-checkout`, a line of JSON each time.
 *
 * Usage: node web.mjs URL KEY sse|polling
 * Says what it has at its start and after each change, and with what statuses it was answered.
 */
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { EventSource } from "eventsource";

const [url, key, changeDetection] = process.argv.slice(2);
const origin = "https://app.example.com";
const statuses = [];

// What Node lacks of a browser. A page's requests say where the page is from.
globalThis.EventSource = EventSource;
const fetchAsPage = async (input, init) => {
  const request = new Request(input);
  request.headers.set("origin", origin);
  const response = await fetch(request, init);
  statuses.push(response.status);
  return response;
};

const provider = new OFREPWebProvider({
  baseUrl: url,
  headers: [["Authorization", `Bearer ${key}`]],
  fetchImplementation: fetchAsPage,
  changeDetection,
  pollInterval: changeDetection === "polling" ? 100 : 0,
});
const client = OpenFeature.getClient();

function tell() {
  const { value, variant, reason } = client.getBooleanDetails("new-checkout", false);
  const hidden = client.getStringDetails("search-engine", "caller's");
  console.log(
    JSON.stringify({ value, variant, reason, hidden: hidden.errorCode, statuses: [...statuses] }),
  );
}

await OpenFeature.setContext({ targetingKey: "ada", plan: "pro" });
await OpenFeature.setProviderAndWait(provider);
tell();
client.addHandler(ProviderEvents.ConfigurationChanged, tell);
// Until its input ends.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
