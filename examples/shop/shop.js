// What the page shows of its flags. The server wrote the first button; changes come by themselves.
const flags = pennon.createClient({
  ...JSON.parse(document.currentScript.dataset.setup),
  updates: pennon.stream(),
  events: pennon.events(),
});
const button = document.getElementById("checkout");

function show() {
  button.textContent = flags.boolean("new-checkout", false) ? "Buy now" : "Go to checkout";
}

show();
flags.subscribe(show);
button.addEventListener("click", () => {
  flags.track("purchase", 9.5, { checkout: button.textContent });
  document.getElementById("done").hidden = false;
});
