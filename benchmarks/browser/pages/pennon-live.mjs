import { createClient, events, stream } from "@pennon/browser";
import { here, read } from "./flags.mjs";

const client = createClient({
  url: `${here}/ask`,
  key: "key",
  context: { targetingKey: "ada" },
  updates: stream(),
  events: events(),
  cache: () => localStorage,
});
read(client.boolean("flag-7", false));
