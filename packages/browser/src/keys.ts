/** The flags that a program may ask for, where a generated declaration says which there are. */

/**
 * Flags and the types of their values; `pennon types` writes a declaration that adds them:
 *
 *     declare module "@pennon/browser" {
 *       interface FlagTypes { "new-checkout": boolean }
 *     }
 *
 * As long as it is empty every key may be asked for.
 */
// biome-ignore lint/suspicious/noEmptyInterface: a program fills it
export interface FlagTypes {}

/** The keys whose values are of type *T*. */
export type KeyOf<T> = keyof FlagTypes extends never
  ? string
  : { [Key in keyof FlagTypes]: FlagTypes[Key] extends T ? Key : never }[keyof FlagTypes] & string;

/** What the flag *Key* serves, as far as it is known. */
export type ValueOf<Key, T> = Key extends keyof FlagTypes ? FlagTypes[Key] : T;
