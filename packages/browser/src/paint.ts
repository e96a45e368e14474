/** When a page that has its answers may begin to talk: once it shows them. */

/** Call *act* after the page's first paint; at once where nothing is painted. */
export function afterPaint(act: () => void): void {
  const { document, requestAnimationFrame: onFrame } = globalThis;
  const look = () => {
    // A frame is painted after this, and before what is due then.
    document.readyState === "loading" ? onFrame(look) : setTimeout(act);
  };
  onFrame ? onFrame(look) : act();
}
