// @ts-check
// The versions of TypeScript that users compile with: 5.7 introduced what connect's declarations need.

/**
 * Versions, and whether they have `moduleResolution: node10`.
 * @type {readonly (readonly [version: string, hasNode10: boolean])[]}
 */
export const TYPESCRIPTS = [
  ["5.7", true],
  ["5.8", true],
  ["5.9", true],
  ["6.0", true],
  ["7.0", false],
];
