// The entries of a manager, and everybody who is told when one changes.
import type { HealthSink } from "@connectum/hooks";
import { ServingStatus } from "./serving-status.ts";

/** An entry: of an RPC service, which the protocol adds and removes, or of a component, which is the application's. */
export interface Entry {
  readonly kind: "service" | "component";
  readonly status: ServingStatus;
}

/** A status that is new, or null for an entry that is gone. */
export type StatusChange = readonly [name: string, status: ServingStatus | null];

/** Told of all that one act has changed, at once. */
export type StatusListener = (changes: readonly StatusChange[]) => void;

/** Entries by name, in order of insertion. Its callers know what may be done with which kind. */
export class StatusTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<StatusListener>();
  readonly #sinks = new Set<HealthSink>();
  /** How many checks set a component, and whether it is there for them alone. */
  readonly #owners = new Map<string, { count: number; readonly isTheirs: boolean }>();
  readonly #untold: (readonly StatusChange[])[] = [];
  #isTelling = false;
  #hasBeenServing = false;

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** A copy, which later changes leave alone. */
  entries(): [name: string, Entry][] {
    return [...this.#entries];
  }

  /** Whether there are entries, and all of them are `SERVING`. */
  get isServing(): boolean {
    for (const { status } of this.#entries.values()) if (status !== ServingStatus.SERVING) return false;
    return this.#entries.size > 0;
  }

  /** Whether {@link isServing} has ever been true, since the last {@link clear}. */
  get hasBeenServing(): boolean {
    return this.#hasBeenServing;
  }

  /** Milliseconds: the latest of the event loop that an attached server knows of; 0 without one. */
  get eventLoopLagMs(): number {
    return Math.max(0, ...[...this.#sinks].map((sink) => sink.eventLoopLagMs()));
  }

  /**
   * Removes, then adds or replaces. What has changed is told once.
   *
   * @throws what a listener throws, when all have been told
   */
  apply(removed: readonly string[], put: readonly (readonly [name: string, Entry])[]): void {
    const changes: StatusChange[] = [];
    for (const name of removed) if (this.#entries.delete(name)) changes.push([name, null]);
    for (const [name, entry] of put) {
      const isNew = this.#entries.get(name)?.status !== entry.status;
      this.#entries.set(name, entry);
      if (isNew) changes.push([name, entry.status]);
    }
    this.#hasBeenServing ||= this.isServing;
    if (changes.length > 0) this.#tell(changes);
  }

  /** Removes everything, and forgets that it has been serving. */
  clear(): void {
    this.#hasBeenServing = false;
    this.apply([...this.#entries.keys()], []);
  }

  /** @returns ends it */
  subscribe(listener: StatusListener): () => void {
    // Of its own, so that one function can listen twice, and each end but one.
    const entry: StatusListener = (changes) => listener(changes);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Tells `sink` every entry, then each change. @returns ends it */
  attach(sink: HealthSink): () => void {
    sink.set(this.entries().map(([name, { status }]) => [name, status]));
    const unsubscribe = this.subscribe((changes) => sink.set(changes));
    this.#sinks.add(sink);
    return () => {
      unsubscribe();
      this.#sinks.delete(sink);
    };
  }

  /** Whether a check sets this component. */
  isOwned(name: string): boolean {
    return this.#owners.has(name);
  }

  /**
   * A check sets this component from now on.
   *
   * @returns ends it; true if that was the last check of a component that was not there before the first
   */
  own(name: string): () => boolean {
    const owners = this.#owners.get(name) ?? { count: 0, isTheirs: !this.#entries.has(name) };
    this.#owners.set(name, owners);
    owners.count += 1;
    return () => {
      owners.count -= 1;
      if (owners.count > 0) return false;
      this.#owners.delete(name);
      return owners.isTheirs;
    };
  }

  /** A listener may change something in turn: that is told when all know of the first change, so that each sees one order. */
  #tell(changes: readonly StatusChange[]): void {
    this.#untold.push(changes);
    if (this.#isTelling) return;
    this.#isTelling = true;
    const failures: unknown[] = [];
    for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
      for (const listener of this.#listeners) {
        try {
          listener(next);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    this.#isTelling = false;
    if (failures.length > 0) throw failures[0];
  }
}
