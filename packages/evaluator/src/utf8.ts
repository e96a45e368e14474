/** Text as UTF-8, a lone surrogate as U+FFFD. */

/** Part of every platform, but of none of TypeScript's language libraries. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
