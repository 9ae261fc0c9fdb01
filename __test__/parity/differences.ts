// The exact differences between the responses to a request, each with its line of docs/differences.md.
import { readFileSync } from "node:fs";

/** A field of a response: connect-node's value and Connectum's. Null: absent. */
export type DifferentField = readonly [connectNode: string | null, connectum: string | null];

export type Fields = Readonly<Record<string, DifferentField>>;

/** The fields that differ, by the id of the line that explains them. */
export type Differences = Readonly<Record<string, Fields>>;

const file = new URL("differences.json", import.meta.url);

/** The differences of every request whose responses differ, by its title. */
export const differences: Readonly<Record<string, Differences>> = JSON.parse(readFileSync(file, "utf8"));
