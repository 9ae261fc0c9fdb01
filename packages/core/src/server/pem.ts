// PEM text from an option or from a file. Rust checks the content.
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { shown } from "@connectum/hooks";
import type { NativePem } from "../boundary/native.ts";

/** PEM text (`-----BEGIN …`, or bytes of it), or the path of a file that has it. */
export type PemOrPath = string | Uint8Array;

/** A longer path is shown by its length in errors: it may be a key in Base64. */
const LONGEST_PATH = 100;
/** What is a part of a PEM text, or a key in Base64 by itself; the shortest, of Ed25519, has 64 characters. */
const KEY_TEXT = /[\r\n]|\\n|BEGIN |^[A-Za-z0-9+/=]{40,}$/;

/**
 * Text and bytes are PEM; any other string is a path.
 *
 * @param name the name of the option in errors
 * @throws TypeError for anything else; whatever `readFile` throws
 */
export function readPem(name: string, value: unknown): NativePem {
  if (value instanceof Uint8Array) {
    return { name, text: withoutMark(Buffer.from(value).toString("latin1")), path: null };
  }
  if (typeof value !== "string" || value === "") {
    const given = value === "" ? "an empty string" : shown(value);
    throw new TypeError(`createServer: ${name} must be PEM text, bytes of it, or the path of a file, not ${given}`);
  }
  if (value.includes("-----BEGIN")) return { name, text: withoutMark(value), path: null };
  return readFile(value, `${name} is neither PEM text, which has -----BEGIN, nor`, name);
}

/**
 * One source, or a list of them.
 *
 * @throws RangeError for an empty list; whatever `readPem` throws
 */
export function readPems(name: string, value: unknown): NativePem[] {
  if (!Array.isArray(value)) return [readPem(name, value)];
  if (value.length === 0) throw new RangeError(`createServer: ${name} must have at least one entry, or be left out`);
  return [...value.entries()].map(([index, part]) => readPem(`${name}[${index}]`, part));
}

/**
 * Reads a file synchronously.
 *
 * @param what begins the text of the error: it `is not` the path of a file
 * @param option that may be PEM text or a path; undefined for a path
 * @throws the error of the file system, which names the file; an Error with its `code` and not the path, where that may
 * be a key
 */
export function readFile(path: string, what: string, option?: string): NativePem {
  const file = resolve(path);
  try {
    const name = option === undefined ? file : `${option} (${file})`;
    return { name, text: withoutMark(readFileSync(file, "latin1")), path: file };
  } catch (error) {
    const isPath = path.length <= LONGEST_PATH && !KEY_TEXT.test(path);
    if (option === undefined && isPath) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const given = isPath ? shown(path) : `a string of ${path.length} characters`;
    throw Object.assign(new Error(`createServer: ${what} the path of a file that can be read (${code}): ${given}`), {
      code,
    });
  }
}

/** Without a byte order mark, which editors of Windows write in front of a text in UTF-8; here it is Latin-1. */
function withoutMark(text: string): string {
  return text.replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, "");
}
