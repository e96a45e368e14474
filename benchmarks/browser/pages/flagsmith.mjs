import flagsmith from "flagsmith";
import { flags, here, read } from "./flags.mjs";

const defaultFlags = Object.fromEntries(
  Object.entries(flags).map(([key, { value }]) => [key, { enabled: value }]),
);
await flagsmith.init({
  environmentID: "key",
  api: `${here}/ask/`,
  preventFetch: true,
  defaultFlags,
});
read(flagsmith.hasFeature("flag-7"));
