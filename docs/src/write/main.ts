import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../read/repository.js';
import { outputs } from './outputs.js';

/** `npm run docs`: writes the pages that follow from other sources. */
for (const [path, content] of outputs()) writeFileSync(join(ROOT, path), content);
