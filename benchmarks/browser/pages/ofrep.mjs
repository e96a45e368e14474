import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";
import { here, read } from "./flags.mjs";

await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: `${here}/ask` }));
read(OpenFeature.getClient().getBooleanValue("flag-7", false));
