/** Flags in React: hooks that render anew when what they read has changed; see docs/browser.md. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { read, type Snapshot } from "./answer.ts";
import { type Client, createClient } from "./client.ts";
import type { KeyOf, ValueOf } from "./keys.ts";

interface Given {
  readonly client: Client;
  /** What the server rendered, or whatever was known when the page began to render. */
  readonly first: Snapshot;
}

const Flags = createContext(givenOf(createClient({ bootstrap: { flags: {} } })));

function givenOf(client: Client): Given {
  return { client, first: client.getSnapshot() };
}

/** Gives *client*, the same as long as it is there, to the hooks of all that is within. */
export function FlagsProvider(props: { client: Client; children?: ReactNode }): ReactElement {
  const [value] = useState(() => givenOf(props.client));
  return createElement(Flags.Provider, { value }, props.children);
}

/** Return the client; where there is no provider, one that knows nothing. */
export function useFlags(): Client {
  return useContext(Flags).client;
}

/** Return what *look* sees, at first in what the server rendered too. */
function useSnapshot<T>(look: (snapshot: Snapshot) => T): T {
  const { client, first } = useContext(Flags);
  return useSyncExternalStore(
    client.subscribe,
    () => look(client.getSnapshot()),
    () => look(first),
  );
}

function useValue<T>(flag: KeyOf<unknown>, fallback: T, any?: boolean): T {
  const client = useFlags();
  // To render is no use yet, for it may be thrown away; to be shown is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a fallback decides nothing here
  useEffect(() => {
    const use = () => void (any ? client.json(flag, fallback) : client.detail(flag, fallback));
    use();
    return client.subscribe(use);
  }, [client, flag]);
  return useSnapshot(snapshot => read(snapshot, flag, fallback, any).value);
}

export function useBoolean(flag: KeyOf<boolean>, fallback: boolean): boolean {
  return useValue(flag, fallback);
}

export function useString<Key extends KeyOf<string>>(
  flag: Key,
  fallback: string,
): ValueOf<Key, string> {
  return useValue(flag, fallback) as ValueOf<Key, string>;
}

export function useNumber(flag: KeyOf<number>, fallback: number): number {
  return useValue(flag, fallback);
}

/** Return a value of any type. Let *fallback* be the same object each time. */
export function useJson<Key extends KeyOf<unknown>, T>(flag: Key, fallback: T): ValueOf<Key, T> {
  return useValue(flag, fallback, true) as ValueOf<Key, T>;
}

/** Return whether updates are asked for and have not come, or come no more. */
export function useStale(): boolean {
  return useSnapshot(({ stale }) => stale);
}
