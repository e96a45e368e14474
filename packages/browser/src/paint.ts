/** When a page that has its answers may begin to talk: once it shows them. */

/** Call *act* after the page's first paint; at once where nothing is painted. */
export function afterPaint(act: () => unknown): void {
  if (globalThis.document) {
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      act();
    }).observe({ type: "paint", buffered: true });
  } else act();
}
