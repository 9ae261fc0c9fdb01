// A pattern of a method filter: the calls that it is for, and its place among others.

/** The text is part of the contract, so it does not name the patterns for packages, and the negated ones. */
const EXPECTED = 'Expected "*", "Service/*", or "Service/Method".';

/** Longer than the name of any package: the ranks of services and methods come after those of packages. */
const AFTER_PACKAGES = 1_000_000;

/** One pattern, checked. */
export class MethodPattern {
  readonly text: string;
  /** What it is for, in words: `service "a.Service"`. */
  readonly subject: string;
  /** Patterns of a lower rank run outside of those of a higher one. */
  readonly rank: number;
  /** Whether it is for less than all calls. */
  readonly isSpecific: boolean;
  readonly #matches: (service: string, method: string) => boolean;

  /** @throws Error for an invalid pattern */
  constructor(text: string) {
    this.text = text;
    const wrong = `Invalid method filter pattern: "${text}". `;
    if (/\s/.test(text)) throw new Error(`${wrong}${EXPECTED}`);
    if (isNegated(text)) {
      const inner = new MethodPattern(text.slice(1));
      if (!inner.isSpecific) throw new Error(`${wrong}It is for no call at all.`);
      this.subject = `call but those of ${inner.subject}`;
      this.rank = 0;
      this.isSpecific = true;
      this.#matches = (service, method) => !inner.matches(service, method);
    } else if (text === "*") {
      this.subject = "call";
      this.rank = 0;
      this.isSpecific = false;
      this.#matches = () => true;
    } else if (text.endsWith("/*")) {
      const name = text.slice(0, -"/*".length);
      if (name === "") throw new Error(`${wrong}Service name before "/*" must not be empty.`);
      this.subject = `service "${name}"`;
      this.rank = AFTER_PACKAGES;
      this.isSpecific = true;
      this.#matches = (service) => service === name;
    } else if (text.includes("/")) {
      this.subject = `method "${text}"`;
      this.rank = AFTER_PACKAGES + 1;
      this.isSpecific = true;
      this.#matches = (service, method) => `${service}/${method}` === text;
    } else if (/^[\w.]*\w\.\*$/.test(text)) {
      const prefix = text.slice(0, -"*".length);
      this.subject = `service in the package "${text.slice(0, -".*".length)}"`;
      this.rank = prefix.length;
      this.isSpecific = true;
      this.#matches = (service) => service.startsWith(prefix);
    } else {
      throw new Error(`${wrong}${EXPECTED}`);
    }
  }

  matches(service: string, method: string): boolean {
    return this.#matches(service, method);
  }
}

/** Whether a pattern is for all calls but those that it names. */
export function isNegated(text: string): boolean {
  return text.startsWith("!");
}
