import { plainJson, plainLines } from '@aegis/client/terminal';

/** What a command found: for machines, and for people. */
export interface Found {
  readonly json: unknown;
  readonly text: string;
  readonly status?: number;
}

/** Names and messages may come from anybody: nothing in them steers a terminal. */
export function printed({ json, text }: Found, asJson: boolean): string {
  return `${asJson ? plainJson(json) : plainLines(text)}\n`;
}
