import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { DEFAULT_POLICY, type PolicyConfig } from '../propose/index.js';
import { ConfigError, readConfigFile } from '../run/config-file.js';

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const path = z.string().max(4_096).refine(isAbsolute, 'an absolute path is wanted');
const name = z.string().regex(NAME, 'a name of Kubernetes is wanted (a-z, 0-9, "-" and ".")');
const time = z
  .int()
  .min(0)
  .max(365 * 86_400_000);

const FORGE = z
  .strictObject({
    /** As spec.configSource.apiUrl says it: the token goes nowhere else. */
    apiUrl: z.url({ protocol: /^https?$/ }),
    /** owner/name; left out: whichever the clusters name there. */
    repositories: z
      .array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'owner/name is wanted'))
      .max(100)
      .optional(),
    /** Of a machine account. */
    tokenFile: path.optional(),
    app: z
      .strictObject({
        /** As `aegis-agent[bot]`. */
        login: z.string().regex(/^[A-Za-z0-9-]{1,39}\[bot\]$/, '"slug[bot]" is wanted'),
        id: z.string().regex(/^[A-Za-z0-9.]{1,40}$/, 'the id of the App is wanted'),
        installationId: z.int().min(1),
        keyFile: path,
      })
      .optional(),
  })
  .refine(({ tokenFile, app }) => (tokenFile === undefined) !== (app === undefined), {
    message: 'either tokenFile or app is wanted',
  });

const SHAPE = z.strictObject({
  kubernetes: z.strictObject({
    /** Left out: all of them. */
    namespaces: z.array(name).min(1).max(100).optional(),
    /** The Lease by which one of several agents works. It has to be there. Left out: this one works. */
    lease: z.strictObject({ namespace: name, name }).optional(),
  }),
  folder: path,
  scrapeMs: z.int().min(1_000).max(60_000).default(5_000),
  metrics: z.strictObject({ host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) }).optional(),
  /** Where the dashboard is served, and by which names people reach it besides those of its own machine. Left out: nowhere. */
  dashboard: z
    .strictObject({ host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) })
    .optional(),
  dashboardHosts: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i, 'the name of a host is wanted, without a port'),
    )
    .max(100)
    .default([]),
  policy: z
    .strictObject({
      ...{ dwellMs: time.optional(), validMs: time.optional(), restMs: time.optional() },
      ...{ mutes: z.array(z.any()).max(100).optional(), windows: z.array(z.any()).max(100).optional() },
    })
    .default({}),
  model: path.optional(),
  webhooks: path.optional(),
  forge: FORGE.optional(),
});

type Given = z.infer<typeof SHAPE>;
export type ForgeAccess = NonNullable<Given['forge']>;

/** What `aegis-agent run` needs in Kubernetes: docs/agent-in-kubernetes.md. */
export type KubernetesConfig = Omit<Given, 'policy'> & { readonly policy: PolicyConfig };

/** Whether a configuration is one for Kubernetes, and not for one machine. What cannot be read is none. */
export function isForKubernetes(file: string): boolean {
  try {
    const given = readConfigFile(file) as object | null;
    return given !== null && Object.hasOwn(given, 'kubernetes');
  } catch {
    return false;
  }
}

/** Throws ConfigError. */
export function readKubernetesConfig(file: string): KubernetesConfig {
  const read = SHAPE.safeParse(readConfigFile(file));
  if (!read.success) {
    const wrong = read.error.issues.map(
      ({ path: keys, message }) => `${keys.join('.') || 'the file'}: ${message}`,
    );
    throw new ConfigError(`${file}: ${wrong.join('; ')}`);
  }
  const { policy, ...rest } = read.data;
  return { ...rest, policy: { ...DEFAULT_POLICY, ...(policy as Partial<PolicyConfig>) } };
}
