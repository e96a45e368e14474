/** What OpenFeature's web SDK asks for flags: a client of `@pennon/browser`. */
import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderNotReadyError,
  type ResolutionDetails,
  type TrackingEventDetails,
} from "@openfeature/web-sdk";
import { type Client, createClient, type Options, type Snapshot } from "@pennon/browser";
import { changedFlags, detailsOf, propertiesOf } from "./details.ts";

/**
 * Serves flags from the page's bootstrap, and tells of changes where `updates` are asked for.
 *
 * The context is OpenFeature's: set it before the provider, for the payload is bound to it.
 */
export class PennonWebProvider implements Provider {
  readonly metadata = { name: "pennon" };
  readonly runsOn = "client";
  readonly events = new OpenFeatureEventEmitter();
  readonly #options: Options;
  #client: Client = createClient({ bootstrap: { flags: {} } });
  #last: Snapshot | undefined;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  async initialize(context: EvaluationContext = {}): Promise<void> {
    this.#client = createClient({ ...this.#options, context });
    this.#client.subscribe(() => this.#tell());
    await this.#settle(this.#client.ready());
  }

  async onContextChange(_: EvaluationContext, context: EvaluationContext): Promise<void> {
    this.#last = undefined;
    await this.#settle(this.#client.setContext(context));
  }

  async onClose(): Promise<void> {
    this.#client.close();
  }

  resolveBooleanEvaluation(flag: string, fallback: boolean): ResolutionDetails<boolean> {
    return this.#resolve(flag, fallback);
  }

  resolveStringEvaluation(flag: string, fallback: string): ResolutionDetails<string> {
    return this.#resolve(flag, fallback);
  }

  resolveNumberEvaluation(flag: string, fallback: number): ResolutionDetails<number> {
    return this.#resolve(flag, fallback);
  }

  resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T): ResolutionDetails<T> {
    return this.#resolve(flag, fallback);
  }

  track(name: string, _: EvaluationContext, { value, ...more }: TrackingEventDetails = {}): void {
    this.#client.track(name, value, propertiesOf(more));
  }

  #resolve<T>(flag: string, fallback: T): ResolutionDetails<T> {
    return detailsOf(this.#client.detail(flag, fallback), this.#client.getSnapshot());
  }

  /** Have the SDK tell how it went; what comes later is for `#tell`. */
  async #settle(ready: Promise<boolean>): Promise<void> {
    const known = await ready;
    this.#last = this.#client.getSnapshot();
    if (!known) throw new ProviderNotReadyError("nothing is known of the flags yet");
  }

  #tell(): void {
    const before = this.#last;
    if (!before) return;
    const now = this.#client.getSnapshot();
    this.#last = now;
    if (now.source && (!before.source || (before.stale && !now.stale))) {
      this.events.emit(ProviderEvents.Ready);
    }
    if (now.stale && !before.stale) this.events.emit(ProviderEvents.Stale);
    const flagsChanged = changedFlags(before, now);
    if (flagsChanged.length)
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
  }
}
