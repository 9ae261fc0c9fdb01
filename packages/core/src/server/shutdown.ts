// Shutdown apart from the sockets: signals of the process, and hooks of the application.
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { nearestName } from "@connectum/hooks";

/** Runs when the server has drained. */
export type ShutdownHook = () => void | Promise<void>;

interface HookModule {
  readonly dependencies: Set<string>;
  readonly handlers: ShutdownHook[];
}

/** The failure of a hook. */
export interface HookFailure {
  /** The name of its module; undefined if it has none. */
  readonly name: string | undefined;
  readonly error: unknown;
}

/** Hooks, grouped in modules. A module runs after those it depends on, and concurrently with all others. */
export class ShutdownHooks {
  readonly #modules = new Map<string | symbol, HookModule>();
  /** Set in the async context of each hook. */
  readonly #isHook = new AsyncLocalStorage<true>();

  /** Whether the code that asks was called by one of these hooks, directly or later. */
  get isCalling(): boolean {
    return this.#isHook.getStore() === true;
  }

  /**
   * Adds a hook. Hooks with the same name are one module; a hook without a name is a module of its own.
   *
   * @throws Error when the module would, through others, depend on itself
   */
  add(name: string | undefined, dependencies: readonly string[], handler: ShutdownHook): void {
    const key = name ?? Symbol("anonymous");
    if (typeof key === "string" && dependencies.some((dependency) => this.#reaches(dependency, key))) {
      throw new Error(`Adding shutdown handler "${key}" would create a dependency cycle`);
    }
    const module = this.#modules.get(key) ?? { dependencies: new Set(), handlers: [] };
    for (const dependency of dependencies) module.dependencies.add(dependency);
    module.handlers.push(handler);
    this.#modules.set(key, module);
  }

  /** A warning for each dependency that no hook has: nothing was waited for. */
  missingDependencies(): string[] {
    const names = [...this.#modules.keys()].filter((key) => typeof key === "string");
    return [...this.#modules].flatMap(([key, { dependencies }]) =>
      [...dependencies]
        .filter((dependency) => !this.#modules.has(dependency))
        .map((dependency) => {
          const nearest = nearestName(dependency, names);
          const right = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
          return `onShutdown: the hook "${String(key)}" depends on "${dependency}", which no hook has.${right}`;
        }),
    );
  }

  /**
   * Runs every hook, except those that depend on one that fails. Resolves to the failures, in the order they occurred.
   *
   * @param timeoutMs the longest that each may take, after which it has failed; 0 is none
   */
  async run(timeoutMs: number): Promise<HookFailure[]> {
    const failures: HookFailure[] = [];
    const started = new Map<string | symbol, Promise<boolean>>();
    const start = (key: string | symbol): Promise<boolean> => {
      let running = started.get(key);
      if (running === undefined) {
        running = this.#runModule(key, start, failures, timeoutMs);
        started.set(key, running);
      }
      return running;
    };
    await this.#isHook.run(true, () => Promise.all([...this.#modules.keys()].map(start)));
    // As long as it is in use, every promise of the process costs more.
    this.#isHook.disable();
    return failures;
  }

  async #runModule(
    key: string | symbol,
    start: (key: string) => Promise<boolean>,
    failures: HookFailure[],
    timeoutMs: number,
  ): Promise<boolean> {
    const module = this.#modules.get(key);
    if (module === undefined) return true;
    const before = await Promise.all([...module.dependencies].map(start));
    if (before.includes(false)) return false;
    let hasSucceeded = true;
    const failed = (error: unknown) => {
      hasSucceeded = false;
      failures.push({ name: typeof key === "string" ? key : undefined, error });
    };
    const running: Promise<void>[] = [];
    try {
      for (const handler of module.handlers) {
        running.push(inTime(Promise.resolve(handler()), key, timeoutMs).catch(failed));
      }
    } catch (error) {
      failed(error);
    }
    await Promise.all(running);
    return hasSucceeded;
  }

  /** Whether `from` is `to`, or depends on it in any number of steps. */
  #reaches(from: string, to: string): boolean {
    const seen = new Set([from]);
    // A set is walked in the order of insertion, and what is added meanwhile is walked too.
    for (const name of seen) {
      if (name === to) return true;
      for (const dependency of this.#modules.get(name)?.dependencies ?? []) seen.add(dependency);
    }
    return false;
  }
}

/** Rejects when a hook has not ended in time. */
async function inTime(hook: Promise<void>, key: string | symbol, timeoutMs: number): Promise<void> {
  if (timeoutMs === 0) return hook;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const name = typeof key === "string" ? `the shutdown hook "${key}"` : "a shutdown hook";
    const refusal = () => reject(new Error(`${name} did not end within shutdown.hookTimeout (${timeoutMs} ms)`));
    timer = setTimeout(refusal, timeoutMs);
  });
  return Promise.race([hook, late]).finally(() => clearTimeout(timer));
}

/** Calls `onSignal` for the first of `signals` that the process gets. Returns a function that stops that. */
export function watchSignals(
  signals: readonly NodeJS.Signals[],
  onSignal: (signal: NodeJS.Signals) => void,
): () => void {
  const handlers = signals.map((signal) => [signal, () => onSignal(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
