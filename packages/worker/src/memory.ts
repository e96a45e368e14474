/** What an isolate holds, for as long as it lives: environments by name. */
import { Environment } from "./environment.ts";

export class Memory {
  readonly #environments = new Map<string, Environment>();

  /** Return the place of an environment, which may be empty. */
  open(name: string): Environment {
    const environment = this.#environments.get(name) ?? new Environment(name);
    this.#environments.set(name, environment);
    return environment;
  }
}
