/** What the compiler says of a program whose flags are declared: `flags.d.ts` is as generated. */
import { createClient } from "@pennon/browser";
import { useBoolean } from "@pennon/browser/react";

const client = createClient();

export const isNew: boolean = client.boolean("new-checkout", false);
export const engine: string = client.string("search-engine", "classic");
export const size: number = client.number("page-size", 10);
export const price: number = client.number("price", 9.5);
export const limits: unknown = client.json("limits", {});
export const any: boolean = client.json("new-checkout", null);
export const odd: boolean = client.boolean("it's odd", false);
export const useIsNew = (): boolean => useBoolean("new-checkout", false);

// @ts-expect-error there is no such flag
client.boolean("new-chekout", false);
// @ts-expect-error there is none for a hook either
export const useNone = (): boolean => useBoolean("new-chekout", false);
// @ts-expect-error it is a flag of another type
client.boolean("search-engine", false);
// @ts-expect-error its fallback is of that type
client.number("page-size", "10");
