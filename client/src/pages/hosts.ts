const LOCAL = ['localhost', '127.0.0.1', '[::1]'];
const CHARACTERS_MAX = 300;

/**
 * Whether a request asks for this server by a name that it has. A foreign page whose own name was made to point here (DNS rebinding) asks
 * by that name.
 * @param named further names by which it is reached, without ports
 */
export function asksForUs(host: string | undefined, named: readonly string[]): boolean {
  if (host === undefined || host.length > CHARACTERS_MAX) return false;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return LOCAL.includes(name) || named.some((each) => each.toLowerCase() === name);
}
