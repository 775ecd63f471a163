import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What Docker would find: the containers themselves have run nowhere here. */
const FOLDER = join(import.meta.dirname, '../../compose');
const read = (path: string): unknown => parse(readFileSync(join(FOLDER, path), 'utf8'));

interface Compose {
  readonly services: Readonly<
    Record<
      'prometheus' | 'grafana',
      {
        readonly image: string;
        readonly network_mode: string;
        readonly command?: readonly string[];
        readonly environment?: Readonly<Record<string, string>>;
        readonly volumes: readonly string[];
      }
    >
  >;
  readonly volumes: object;
}
const { services, volumes } = read('compose.yaml') as Compose;
const { prometheus, grafana } = services;
interface Sources {
  readonly datasources: readonly [
    {
      readonly url: string;
      readonly isDefault: boolean;
      readonly jsonData: { readonly timeInterval: string };
    },
  ];
}
const [source] = (read('grafana/datasources/prometheus.yaml') as Sources).datasources;
interface Written {
  readonly rule_files: readonly string[];
  readonly global: { readonly scrape_interval: string };
}
const written = read('../prometheus.yaml') as Written;
interface Providers {
  readonly providers: readonly [{ readonly options: { readonly path: string } }];
}

/** Paths of a service: here, by where they are in the container. */
function mounts({ volumes: given }: { readonly volumes: readonly string[] }): ReadonlyMap<string, string> {
  return new Map(given.map((each) => each.split(':') as [string, string]).map(([from, to]) => [to, from]));
}

test('what is mounted is there, and read only; volumes are declared', () => {
  for (const service of [prometheus, grafana])
    for (const volume of service.volumes) {
      const [from, , how] = volume.split(':');
      if (from!.startsWith('.')) expect([existsSync(join(FOLDER, from!)), how]).toEqual([true, 'ro']);
      else expect(Object.keys(volumes)).toContain(from);
    }
});

test('Prometheus gets its configuration, and the rules where that looks for them', () => {
  const [config] = prometheus.command!.filter((flag) => flag.startsWith('--config.file='));
  const path = config!.split('=')[1]!;
  const there = mounts(prometheus);
  expect(there.get(path)).toBe('../prometheus.yaml');
  for (const file of written.rule_files) {
    const [folder, name] = file.split('/');
    const here = there.get(join(path, '..', folder!));
    expect([file, existsSync(join(FOLDER, here!, name!))]).toEqual([file, true]);
  }
});

test('Grafana asks that Prometheus, at its pace, and loads the dashboards', () => {
  const [listen] = prometheus.command!.filter((flag) => flag.startsWith('--web.listen-address='));
  expect(source.url).toBe(`http://${listen!.split('=')[1]}`);
  expect(source.isDefault).toBe(true);
  expect(source.jsonData.timeInterval).toBe(written.global.scrape_interval);
  const { providers } = read('grafana/dashboards/aegis.yaml') as Providers;
  expect(mounts(grafana).get(providers[0].options.path)).toBe('../dashboards');
});

test('nothing listens beyond this machine, and images have a version', () => {
  expect(prometheus.command!.join(' ')).toContain('--web.listen-address=127.0.0.1:');
  expect(grafana.environment!['GF_SERVER_HTTP_ADDR']).toBe('127.0.0.1');
  for (const { network_mode, image } of [prometheus, grafana])
    expect([network_mode, image]).toEqual(['host', expect.stringMatching(/:v?\d+\.\d+\.\d+$/)]);
});
