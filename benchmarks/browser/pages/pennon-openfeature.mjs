import { OpenFeature } from "@openfeature/web-sdk";
import { PennonWebProvider } from "@pennon/openfeature-web";
import { read } from "./flags.mjs";

await OpenFeature.setProviderAndWait(new PennonWebProvider());
read(OpenFeature.getClient().getBooleanValue("flag-7", false));
