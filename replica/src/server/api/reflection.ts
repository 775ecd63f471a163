import type {
  Server,
  ServerDuplexStream,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];
const METHOD = 'ServerReflectionInfo';

interface Made {
  readonly definition: ServiceDefinition[string];
  readonly handle: UntypedHandleCall;
}

/**
 * Server reflection, for tools such as grpcurl. What answers reads and writes every descriptor anew, a third of the work
 * of a whole start: it is made when somebody asks for the first time.
 */
export function addReflection(server: Server): void {
  let making: Promise<readonly Made[]> | undefined;
  SERVICES.forEach((service, index) => {
    let made: Made | undefined;
    const handle = (call: ServerDuplexStream<unknown, unknown>): void => {
      (making ??= make()).then(
        (all) => {
          made = all[index]!;
          (made.handle as (call: ServerDuplexStream<unknown, unknown>) => void)(call);
        },
        (error: unknown) => call.destroy(error as Error),
      );
    };
    // No message is read, and none written, before `made` handles the call.
    const definition: ServiceDefinition = {
      [METHOD]: {
        path: `/${service}/${METHOD}`,
        requestStream: true,
        responseStream: true,
        requestSerialize: (message) => made!.definition.requestSerialize(message),
        requestDeserialize: (bytes) => made!.definition.requestDeserialize(bytes),
        responseSerialize: (message) => made!.definition.responseSerialize(message),
        responseDeserialize: (bytes) => made!.definition.responseDeserialize(bytes),
      },
    };
    server.addService(definition, { [METHOD]: handle });
  });
}

/** In the order of `SERVICES`. */
async function make(): Promise<readonly Made[]> {
  const [{ loadFileDescriptorSetFromBuffer }, { ReflectionService }] = await Promise.all([
    import('@grpc/proto-loader'),
    import('@grpc/reflection'),
  ]);
  const descriptors = readFileSync(fileURLToPath(import.meta.resolve('@aegis/proto/descriptors')));
  const made: Made[] = [];
  const collector = {
    addService: (service: ServiceDefinition, implementation: UntypedServiceImplementation) =>
      made.push({ definition: service[METHOD]!, handle: implementation[METHOD]! }),
  };
  new ReflectionService(loadFileDescriptorSetFromBuffer(descriptors)).addToServer(collector);
  return made;
}
