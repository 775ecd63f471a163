import { credentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';

/** PEM texts: the authority that signed the replicas, and this client's own certificate and key. */
export interface TlsOptions {
  readonly ca: string | Uint8Array;
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
}

/** Mutual TLS, or plain text where none is given (a cluster that was started with `--insecure`). */
export function channelCredentials(tls: TlsOptions | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert));
}

/** Lists of leases and locks may be larger than gRPC's default of 4 MiB. */
const OPTIONS: ChannelOptions = {
  // Each client has connections of its own; without this, grpc-js shares one socket among all of a process.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.max_send_message_length': 8 * 1024 * 1024,
  // Reconnecting is the connection's own business: a channel lives for one stream.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/**
 * Options of a channel to this endpoint.
 * @param name what the replica's certificate must be for, where that is not the host of the endpoint
 */
export function channelOptions(endpoint: string, name?: string): ChannelOptions {
  // TLS knows names, not addresses; every replica's certificate says localhost too.
  const loopback = /^(?:127\.\d+\.\d+\.\d+|\[::1\]):\d+$/.test(endpoint);
  const override = name ?? (loopback ? 'localhost' : undefined);
  return override === undefined ? OPTIONS : { ...OPTIONS, 'grpc.ssl_target_name_override': override };
}
