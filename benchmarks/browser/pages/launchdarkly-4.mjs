import { createClient } from "@launchdarkly/js-client-sdk";
import { flags, here, read } from "./flags.mjs";

const bootstrap = Object.fromEntries(Object.entries(flags).map(([key, { value }]) => [key, value]));
const url = `${here}/ask`;
const where = { baseUri: url, streamUri: url, eventsUri: url };
const what = { sendEvents: false, fetchGoals: false };
const client = createClient("key", { kind: "user", key: "ada" }, { ...where, ...what });
await client.start({ bootstrap });
read(client.variation("flag-7", false));
