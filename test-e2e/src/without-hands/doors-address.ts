import { readFileSync } from 'node:fs';

/** `doors.js` as an address that can be imported where none of these files are. */
export function doorsAddress(): string {
  const text = readFileSync(new URL('./doors.js', import.meta.url));
  return `data:text/javascript;base64,${text.toString('base64')}`;
}
