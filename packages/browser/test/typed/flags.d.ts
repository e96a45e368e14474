// Written by `pennon types`: do not change it.
import "@pennon/browser";

declare module "@pennon/browser" {
  interface FlagTypes {
    "search-engine": string;
    /** The checkout on one page. *\/ */
    "new-checkout": boolean;
    "page-size": number;
    price: number;
    limits: unknown;
    "it's odd": boolean;
  }
}
