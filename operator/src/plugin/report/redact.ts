/** What may hold a password though nobody should put one there. */
const SECRETIVE = /token|secret|passw|credential|api_?key|private/i;
const HIDDEN = '(left out)';
/** Copies of the object in the object. */
const COPIES = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

/** An object as it goes into a report: without what could be a secret, and without noise. */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => name !== 'managedFields' && !COPIES.has(name))
    .map(([name, each]) => [name, redacted(each)] as const);
  const plain = Object.fromEntries(entries);
  // A variable of a container's environment.
  const { name, value: text } = plain;
  if (typeof name === 'string' && typeof text === 'string' && SECRETIVE.test(name))
    return { ...plain, value: HIDDEN };
  return plain;
}

/** Keys and tokens that got into a log. */
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?/g;
const BEARER = /\b(bearer|authorization:?)\s+[\w.~+/-]{8,}=*/gi;
const FORGE = /\b(gh[a-z]_\w{20,}|github_pat_\w{20,})/g;

export function redactedLog(text: string): string {
  return text.replaceAll(PEM, HIDDEN).replaceAll(BEARER, `$1 ${HIDDEN}`).replaceAll(FORGE, HIDDEN);
}
