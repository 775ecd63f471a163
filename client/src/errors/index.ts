export { AegisError, type ErrorFacts } from './base.js';
export * from './replica.js';
export * from './local.js';
export { errorFromReply } from './catalogue.js';
export { errorFromGrpc } from './grpc.js';
