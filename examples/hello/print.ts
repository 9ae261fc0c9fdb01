// The client's output: colours on a terminal, plain text elsewhere.
const colours = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Prints the method that is called. */
export function heading(text: string): void {
  console.log(`\n${paint(1, text)}`);
}

/** Prints the response. */
export function answer(text: string): void {
  console.log(`  ${paint(32, text)}`);
}

/** Prints the shell command that does the same. */
export function shell(line: string): void {
  console.log(`  ${paint(2, `$ ${line}`)}`);
}
