import { userInfo } from 'node:os';

/** What the person is called who runs this. A user id without an entry in the system's list of accounts (in containers) goes by its number. */
export function accountName(lookUp: () => string = () => userInfo().username): string {
  try {
    return lookUp();
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
