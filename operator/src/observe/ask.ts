import { request } from 'node:http';

/** Members say little about themselves; whatever is larger is something else. */
const BYTES_MAX = 64 * 1024;

/** One question by plain HTTP, on a connection of its own. Rejects if the whole answer does not come in time. */
export function ask(
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, path, method: 'GET', agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BYTES_MAX)
            sent.destroy(new Error(`${host}: ${path} is larger than ${BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
        response.once('error', reject);
      },
    );
    sent.once('error', (error) => reject(new Error(`${host}: ${path}: ${error.message}`, { cause: error })));
    sent.end();
  });
}
