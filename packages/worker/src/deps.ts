/** What a handler is given: everything that differs from one platform to the next. */
import type { Flags, WaitUntil } from "./flags.ts";
import type { Page } from "./page.ts";

export interface Deps {
  readonly flags: Flags;
  readonly waitUntil: WaitUntil;
  /** The time, in epoch milliseconds. */
  readonly now: () => number;
  /** The origins of pages that may ask, such as https://app.example.com; undefined: every page. */
  readonly pages?: readonly string[];
  /** The largest request that asks for an evaluation. */
  readonly contextBytes?: number;
  /** The site whose pages are given their flags. */
  readonly page?: Page;
}
