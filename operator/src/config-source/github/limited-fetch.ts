/** GitHub's largest answer that is used: a page of a hundred commits, or a file of a megabyte in base64. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** `fetch`, whose answers end with an error when they grow too large. */
export async function limitedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.body === null) return response;
  let bytes = 0;
  const limited = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > ANSWER_BYTES_MAX)
          controller.error(new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(limited, { status, statusText, headers });
}
