import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What each method of the client port may do. A method that is not here makes the test fail: whoever adds one says which it is. */
export const KNOWN_METHODS: Readonly<Record<string, 'mutates' | 'reads'>> = {
  '/aegis.v1.Cluster/AddLearner': 'mutates',
  '/aegis.v1.Cluster/Backup': 'reads',
  '/aegis.v1.Cluster/ClearAlarm': 'mutates',
  '/aegis.v1.Cluster/Hash': 'reads',
  '/aegis.v1.Cluster/Promote': 'mutates',
  '/aegis.v1.Cluster/RaiseVersion': 'mutates',
  '/aegis.v1.Cluster/Remove': 'mutates',
  '/aegis.v1.Cluster/Scrub': 'mutates',
  '/aegis.v1.Cluster/SetSettings': 'mutates',
  '/aegis.v1.Cluster/Status': 'reads',
  '/aegis.v1.Cluster/TransferLeadership': 'mutates',
  '/aegis.v1.Elections/Campaign': 'mutates',
  '/aegis.v1.Elections/Leader': 'reads',
  '/aegis.v1.Elections/Observe': 'reads',
  '/aegis.v1.Elections/Proclaim': 'mutates',
  '/aegis.v1.Elections/Resign': 'mutates',
  '/aegis.v1.KV/Compact': 'mutates',
  '/aegis.v1.KV/DeleteRange': 'mutates',
  '/aegis.v1.KV/Put': 'mutates',
  '/aegis.v1.KV/Range': 'reads',
  '/aegis.v1.KV/Txn': 'mutates',
  '/aegis.v1.KV/Watch': 'reads',
  '/aegis.v1.Leases/Grant': 'mutates',
  '/aegis.v1.Leases/KeepAlive': 'mutates',
  '/aegis.v1.Leases/List': 'reads',
  '/aegis.v1.Leases/Revoke': 'mutates',
  '/aegis.v1.Leases/TimeToLive': 'reads',
  '/aegis.v1.Locks/Acquire': 'mutates',
  '/aegis.v1.Locks/Describe': 'reads',
  '/aegis.v1.Locks/List': 'reads',
  '/aegis.v1.Locks/Release': 'mutates',
  '/aegis.v1.Locks/Watch': 'reads',
  '/aegis.v1.Session/Open': 'mutates',
};

/** Every method that the generated definitions of aegis.v1 have, whichever file declares it. */
export async function generatedMethods(): Promise<string[]> {
  const folder = new URL('./aegis/v1/', import.meta.resolve('@aegis/proto/descriptors'));
  const names = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(
    names.map((name) => import(`@aegis/proto/v1/${name.slice(0, -3)}`) as Promise<Record<string, unknown>>),
  );
  return modules
    .flatMap((exported) => Object.entries(exported))
    .filter(([name]) => name.endsWith('Service'))
    .flatMap(([, service]) => Object.values(service as Record<string, { readonly path: string }>))
    .map(({ path }) => path)
    .toSorted();
}
