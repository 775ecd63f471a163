import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildProgram, type Part } from '../../go/program.js';
import type { Progress } from '../progress.js';

const ROOT = join(import.meta.dirname, '../../../kubernetes');

/** The Go modules in `test-e2e/kubernetes`, and the programs built from what each requires. */
const MODULES = {
  etcd: { etcd: 'go.etcd.io/etcd/server/v3' },
  kubernetes: {
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
  'kube-router': { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
  coredns: { coredns: 'github.com/coredns/coredns' },
  helm: { helm: 'helm.sh/helm/v4/cmd/helm' },
  anchor: { anchor: '.' },
  'late-links': { 'late-links': '.' },
} as const;

type Named = { [M in keyof typeof MODULES]: keyof (typeof MODULES)[M] }[keyof typeof MODULES];

/** The path of each program. */
export type Programs = Readonly<Record<Named, string>>;

/** Builds what is not built yet: the first time some twelve minutes of two cores, later nothing. Throws a GoError. */
export function buildPrograms(progress: Progress): Programs {
  const programs: Partial<Record<Named, string>> = {};
  for (const [module, parts] of Object.entries(MODULES)) {
    const source = join(ROOT, module);
    const ldflags = module === 'kubernetes' ? kubernetesVersion(source) : '-s -w';
    for (const [name, path] of Object.entries(parts)) {
      const part: Part = { name, package: path, ldflags };
      programs[name as Named] = progress.timed(`${name} is built`, () => buildProgram(source, part), 1_000);
    }
  }
  return programs as Programs;
}

/** The programs of Kubernetes learn their version from the linker, and ask each other for it. */
function kubernetesVersion(source: string): string {
  const required = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(
    readFileSync(join(source, 'go.mod'), 'utf8'),
  );
  const [, version, major, minor] = required!;
  const place = 'k8s.io/component-base/version';
  return `-s -w -X ${place}.gitVersion=${version} -X ${place}.gitMajor=${major} -X ${place}.gitMinor=${minor}`;
}
