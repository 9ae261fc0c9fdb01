// The entries of a manager, and the listeners for their changes.
import type { HealthSink } from "@connectum/hooks";
import { ServingStatus } from "./serving-status.ts";

/** An entry: of an RPC service, managed by the protocol, or of a component, managed by the application. */
export interface Entry {
  readonly kind: "service" | "component";
  readonly status: ServingStatus;
  /** Whether the application has set the status. */
  readonly isSet: boolean;
}

/** The new status of an entry; null if it was removed. */
export type StatusChange = readonly [name: string, status: ServingStatus | null];

/** Gets the changes of an operation as one batch. */
export type StatusListener = (changes: readonly StatusChange[]) => void;

/** Entries by name, in order of insertion. Callers decide what is allowed for which kind. */
export class StatusTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<StatusListener>();
  readonly #sinks = new Set<HealthSink>();
  /** The number of checks that set a component, and whether they have added it. */
  readonly #owners = new Map<string, { count: number; readonly isAdded: boolean }>();
  readonly #pending: (readonly StatusChange[])[] = [];
  #isNotifying = false;
  #hasBeenServing = false;

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** A copy. */
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

  /** The largest event loop lag of the attached servers, in milliseconds; 0 without a server. */
  get eventLoopLagMs(): number {
    return Math.max(0, ...[...this.#sinks].map((sink) => sink.eventLoopLagMs()));
  }

  /**
   * Removes entries, then adds or replaces others. Listeners get all changes as one batch.
   *
   * @throws the first error that a listener throws, after all have been called
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
    if (changes.length > 0) this.#notify(changes);
  }

  /** Removes all entries, and resets {@link hasBeenServing}. */
  clear(): void {
    this.#hasBeenServing = false;
    this.apply([...this.#entries.keys()], []);
  }

  /** @returns a function that unsubscribes */
  subscribe(listener: StatusListener): () => void {
    // A new function, so that a listener can subscribe twice and unsubscribe once.
    const entry: StatusListener = (changes) => listener(changes);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /**
   * Sends `sink` every entry, then each change.
   *
   * @returns a function that detaches it
   */
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
   * Marks a component as set by a check.
   *
   * @returns a function that takes the mark back; it returns true for the last check if checks have added the component
   */
  own(name: string): () => boolean {
    const owners = this.#owners.get(name) ?? { count: 0, isAdded: !this.#entries.has(name) };
    this.#owners.set(name, owners);
    owners.count += 1;
    return () => {
      owners.count -= 1;
      if (owners.count > 0) return false;
      this.#owners.delete(name);
      return owners.isAdded;
    };
  }

  /**
   * A listener may change entries in turn. Those changes wait until all listeners have got the first ones, so that each
   * listener sees the same order.
   */
  #notify(changes: readonly StatusChange[]): void {
    this.#pending.push(changes);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    const failures: unknown[] = [];
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      for (const listener of this.#listeners) {
        try {
          listener(next);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    this.#isNotifying = false;
    if (failures.length > 0) throw failures[0];
  }
}
