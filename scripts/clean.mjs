/** Removes what the last build made, so that nothing that has since been deleted is packed. */
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
