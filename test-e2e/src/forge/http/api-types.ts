import type { components, paths } from '@octokit/openapi-types';

/** The types that GitHub publishes of its API: a reply of another shape does not compile. */
export type Schemas = components['schemas'];
export type ApiPath = keyof paths;
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Content<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : undefined;

type Success = 200 | 201 | 202 | 204;

type AnswerOf<Responses> = {
  [Status in keyof Responses & Success]: {
    readonly status: Status;
    readonly body: Content<Responses[Status]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof Responses & Success];

/** What a route may answer when it does what it was asked for; refusals are thrown as ApiError. */
export type Answer<Path extends ApiPath, M extends Method> = paths[Path][M & keyof paths[Path]] extends {
  responses: infer Responses;
}
  ? AnswerOf<Responses>
  : never;

/** A refusal, in GitHub's form. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly { resource: string; field: string; code: string; message?: string }[],
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

export function notFound(): ApiError {
  return new ApiError(404, 'Not Found');
}

export function invalid(resource: string, field: string, message: string): ApiError {
  return new ApiError(422, 'Validation Failed', [{ resource, field, code: 'custom', message }]);
}
