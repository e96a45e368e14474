/** A page that React rendered on a server, brought to life; `window.take` speaks for the edge. */
import { createClient } from "@pennon/browser";
import { FlagsProvider, useBoolean, useString } from "@pennon/browser/react";
import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";

window.renders = [];
window.exposed = [];
window.errors = [];

function Checkout() {
  const isNew = useBoolean("new-checkout", false);
  window.renders.push(isNew);
  return createElement("button", null, isNew ? "Buy now" : "Go to checkout");
}

function Banner() {
  return createElement("p", { id: "banner" }, useString("banner", "none"));
}

let link;
const updates = given => {
  link = given;
};
const expose = ({ flag, variation }) => window.exposed.push([flag, variation]);
const events = () => ({ expose, track() {}, async flush() {} });
const client = createClient({ context: { targetingKey: "ada" }, updates, events });
window.take = (flags, removed) => link.take({ flags }, removed);
window.isFollowing = () => link !== undefined;
hydrateRoot(
  document.getElementById("shop"),
  createElement(FlagsProvider, { client }, createElement(Checkout), createElement(Banner)),
  { onRecoverableError: error => window.errors.push(String(error)) },
);
