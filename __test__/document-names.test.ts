// The checker of names in documents: existing names pass, and each planted wrong name is found.
import assert from "node:assert/strict";
import * as events from "node:events";
import { test } from "node:test";
import { readDeclarations, wrongNames } from "../scripts/document-names.mjs";

const declarations = readDeclarations([
  [
    "src/call/budget.rs",
    `//! Bytes.
use std::sync::Arc;

const LIMIT: usize = 1;

/// A budget: \`Budget { gone: 1 }\`.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    pub(super) used: AtomicUsize,
}

impl Budget {
    const SMALL: usize = 1;

    pub async fn reserve(self: &Arc<Self>, bytes: usize) -> Result<(), Error> {
        let local: usize = 1;
        fn inner() {}
    }
}

impl<T: Body<Data = Bytes>, F> Body for Limited<'_, T, F>
where
    F: Fn(usize) -> bool,
{
    type Data = Bytes;

    fn poll_frame(self: Pin<&mut Self>) -> Poll<()> {}
}

pub enum Event {
    Call(Arc<Call>),
    Readable { id: u32 },
    Closed,
}

pub(crate) trait Source {
    fn poll_next(&mut self) -> Poll<()>;
}

pub fn shared() {}
`,
  ],
  ["src/call/mod.rs", "pub mod budget;\npub use budget::Budget;\n"],
  [
    "packages/core/src/calls/call.ts",
    `import { EventEmitter } from "node:events";

const ignored = 1;

/** Options: { gone: 1 } */
export interface Options extends MoreOptions {
  /** gone: nothing */
  port?: number;
  readonly host: string;
  listen(at: { deep: number }): void;
}

export interface MoreOptions {
  timeout: number;
}

export class Call<T extends object = object> extends EventEmitter implements Other {
  readonly id: number;
  #state = 1;
  static readonly LIMIT = 2;

  constructor(port: number) {
    this.local = port;
  }

  get url(): string {
    if (url) return "";
  }

  async *read<A>(): AsyncIterable<A> {}

  #leave() {}
}

export type Kinds = Options & {
  kind: string;
};

export const States = {
  READY: "ready",
  done: () => 1,
} as const;

interface Small { one: string; two(): void }
`,
  ],
]);

const files = ["README.md", "src/call/budget.rs", "src", "packages/core/dist"];
const surroundings = {
  declarations,
  libraries: [globalThis, events],
  folders: ["src", "packages"],
  exists: (path: string) => files.includes(path),
};
const wrong = (markdown: string) => wrongNames(markdown, surroundings);

const right = [
  "Budget::reserve",
  "Budget::reserve(bytes)?",
  "Budget::limit",
  "Budget::used",
  "Budget.limit",
  "Budget::SMALL",
  "Limited::poll_frame",
  "Limited::Data",
  "Event::Call",
  "Event::Readable",
  "Event::Closed",
  "Source::poll_next",
  "budget::Budget",
  "budget::shared",
  "budget::LIMIT",
  "call::budget",
  "Call.id",
  "Call.#state",
  "Call.#leave()",
  "Call.LIMIT",
  "Call.url",
  "Call.read",
  "Call.constructor",
  "Options.port",
  "Options.host",
  "Options.listen",
  "Options.timeout",
  "Kinds.kind",
  "Kinds.timeout",
  "States.READY",
  "States.done",
  "Small.one",
  "Small.two",
  'Symbol.for("a.b")',
  "AbortSignal.any",
  "Promise.then",
  "Call.once",
  "src/call/budget.rs",
  "README.md",
  "src",
  "call.url",
  "grpc.health.v1.Health",
  "application/json",
  "@connectum/core/types",
  "/healthz",
  ".proto",
  "src and more",
];

for (const name of right) {
  test(`\`${name}\` passes`, () => {
    assert.deepEqual(wrong(`See \`${name}\`.`), []);
  });
}

const planted: Record<string, string> = {
  "Budget::open": "Budget::open: Budget has no open",
  "Budget::gone": "Budget::gone: Budget has no gone",
  "Budget::local": "Budget::local: Budget has no local",
  "Budget::inner": "Budget::inner: Budget has no inner",
  "Budget::shared": "Budget::shared: Budget has no shared",
  "Limited::poll_next": "Limited::poll_next: Limited has no poll_next",
  "Event::id": "Event::id: Event has no id",
  "Source::poll_frame": "Source::poll_frame: Source has no poll_frame",
  "Hold::split": "Hold::split: there is no type Hold",
  "budget::gone": "budget::gone: budget has no gone",
  "limits::shared": "limits::shared: there is no module limits",
  "Call::read": "Call::read: there is no type Call",
  "Call.write": "Call.write: Call has no write",
  "Call.state": "Call.state: Call has no state",
  "Call.local": "Call.local: Call has no local",
  "Call.port": "Call.port: Call has no port",
  "Options.deep": "Options.deep: Options has no deep",
  "Options.gone": "Options.gone: Options has no gone",
  "MoreOptions.port": "MoreOptions.port: MoreOptions has no port",
  "States.GONE": "States.GONE: States has no GONE",
  "Small.three": "Small.three: Small has no three",
  "Inlet.take": "Inlet.take: there is no type Inlet",
  "Symbol.connectum": "Symbol.connectum: Symbol has no connectum",
  "Call.emitted": "Call.emitted: Call has no emitted",
  "await Call.write(1)": "Call.write: Call has no write",
  "src/call/limits.rs": "src/call/limits.rs: there is no such file",
  "src/gone": "src/gone: there is no such file",
  "inlet.ts": "inlet.ts: there is no such file",
};

for (const [name, complaint] of Object.entries(planted)) {
  test(`\`${name}\` is found`, () => {
    assert.deepEqual(wrong(`What \`Call.read\` does, \`${name}\` does not.`), [complaint]);
  });
}

test("code blocks are not read: they are for programs", () => {
  assert.deepEqual(wrong("```ts\nconst a = `Inlet.take`;\n```\n\nand\n\n  ```sh\n  `gone.ts`\n  ```\n"), []);
});

test("a name that is wrong is reported once", () => {
  assert.deepEqual(wrong("`Call.write` and `Call.write`"), ["Call.write: Call has no write"]);
});
