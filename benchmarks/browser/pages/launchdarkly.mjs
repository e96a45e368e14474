import { initialize } from "launchdarkly-js-client-sdk";
import { flags, here, read } from "./flags.mjs";

const bootstrap = Object.fromEntries(Object.entries(flags).map(([key, { value }]) => [key, value]));
const url = `${here}/ask`;
const client = initialize(
  "key",
  { kind: "user", key: "ada" },
  { bootstrap, baseUrl: url, streamUrl: url, eventsUrl: url, sendEvents: false, fetchGoals: false },
);
await client.waitForInitialization(5);
read(client.variation("flag-7", false));
