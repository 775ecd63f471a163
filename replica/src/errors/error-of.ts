import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import { ERRORS, type ErrorKind, type ErrorName } from './catalogue.js';

type NamesIn<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What the message of an error has to be told. */
export type ErrorDetails<Name extends ErrorName> = {
  readonly [Detail in NamesIn<(typeof ERRORS)[Name]['message']>]: string | number;
};

/** An error of the table, its message filled in. */
export function errorOf<Name extends ErrorName>(name: Name, details: ErrorDetails<Name>): ErrorMessage {
  const { code, message, retryable, definite }: ErrorKind = ERRORS[name];
  const filled = message.replaceAll(/\{(\w+)\}/g, (_, detail: string) =>
    String((details as Record<string, string | number>)[detail]),
  );
  return { code, message: filled, retryable, definite, leaderId: 0, leaderAddress: '' };
}
