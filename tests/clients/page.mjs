/**
 * OFREP's provider for web pages, in a page: `window.told` has what it read of `new-checkout`, at
 * its start and after each change.
 *
 * The page's address says where the edge is and with what key: `?url=…&key=…`.
 */
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const asked = new URLSearchParams(location.search);
const provider = new OFREPWebProvider({
  baseUrl: asked.get("url"),
  headers: [["Authorization", `Bearer ${asked.get("key")}`]],
  changeDetection: "sse",
});
const client = OpenFeature.getClient();
window.told = [];
window.events = [];

function tell() {
  const { value, variant, reason } = client.getBooleanDetails("new-checkout", false);
  const hidden = client.getStringDetails("search-engine", "caller's");
  window.told.push({ value, variant, reason, hidden: hidden.errorCode });
}

for (const event of Object.values(ProviderEvents)) {
  client.addHandler(event, () => window.events.push(event));
}
await OpenFeature.setContext({ targetingKey: "ada", plan: "pro" });
await OpenFeature.setProviderAndWait(provider).catch(() => {});
tell();
client.addHandler(ProviderEvents.ConfigurationChanged, tell);
window.changeContext = context => OpenFeature.setContext(context).then(tell);
