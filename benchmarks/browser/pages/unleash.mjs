import { UnleashClient } from "unleash-proxy-client";
import { flags, here, read } from "./flags.mjs";

const client = new UnleashClient({
  url: `${here}/ask`,
  clientKey: "key",
  appName: "shop",
  disableRefresh: true,
  disableMetrics: true,
  bootstrap: Object.entries(flags).map(([name, { value }]) => ({
    name,
    enabled: value,
    variant: { name: "disabled", enabled: false },
    impressionData: false,
  })),
});
client.on("initialized", () => read(client.isEnabled("flag-7")));
