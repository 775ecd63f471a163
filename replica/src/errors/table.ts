import { ERRORS, type ErrorKind } from './catalogue.js';

/** The table as Markdown, for docs/errors.md. */
export function renderErrorTable(): string {
  const lines = [
    '# Errors',
    '',
    'What the data plane can answer with. *Definite*: the request certainly had and will have no effect. *Retryable*: the',
    'same request may succeed if it is sent again. Unary calls carry the whole error in the trailing metadata',
    '`aegis-error-bin`; on a Session stream it is the answer.',
    '',
    '| code | number | gRPC status | retryable | definite | message |',
    '| --- | ---: | --- | --- | --- | --- |',
  ];
  for (const [name, kind] of Object.entries<ErrorKind>(ERRORS)) {
    const { code, grpc, retryable, definite, message } = kind;
    lines.push(
      `| \`${name}\` | ${code} | \`${grpc}\` | ${retryable ? 'yes' : 'no'} | ${definite ? 'yes' : 'no'} | ${message} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}
