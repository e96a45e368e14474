/** What is measured: one flag each, told to every engine in its own words by `engines/`. */

export const USER = { key: "user-42", country: "NZ", plan: "pro", email: "ada@example.org" };
export const LIST = Array.from({ length: 1000 }, (_, i) => `user${i}@example.com`);
export const MANY = 1000;

/** Rules of two clauses; the third is the first that holds for `USER`. */
export const RULES = [
  { country: ["US", "CA"], plan: ["pro"] },
  { country: ["NZ", "AU"], plan: ["free"] },
  { country: ["NZ", "AU"], plan: ["pro", "team"] },
];

/** `expect` is the value for `USER`; undefined where the engine's own hash decides. */
export const CASES = [
  { name: "off", expect: false },
  { name: "rules", expect: true },
  { name: "list", expect: false },
  { name: "split", expect: undefined },
  { name: "segment", expect: true },
];

/** Return *definitions* as they come over a wire: no two flags hold the same object. */
export const received = definitions => JSON.parse(JSON.stringify(definitions));
