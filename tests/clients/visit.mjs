/**
 * A page that reads flags with `@pennon/browser`, by what `window.setup` says.
 *
 * `window.flags` is the client, `window.first` what it answered at once, `window.told` each version
 * that it heard of with its time, and the element `shown` has what the page shows of the flag.
 */
import { createClient, events, stream } from "@pennon/browser";

const { setup } = window;
window.errors = [];
window.told = [];
const flags = createClient({
  ...setup,
  updates: setup.url && stream(),
  events: setup.url && events(),
  cache: () => localStorage,
  onError: error => window.errors.push(String(error)),
});
window.flags = flags;
window.first = flags.detail("new-checkout", null);

function show() {
  const { value, source } = flags.detail("new-checkout", null);
  window.told.push({ value, source, stale: flags.getSnapshot().stale, at: Date.now() });
  const shown = document.getElementById("shown");
  if (shown) shown.textContent = `${value} from ${source}`;
}
flags.subscribe(show);
addEventListener("DOMContentLoaded", show);
