/** Pennon for OpenFeature's web SDK: see docs/browser.md. */
export { PennonWebProvider } from "./provider.ts";
