import type { Clock } from './clock';
import type { Faults } from './faults';
import type { InputReader } from './inputs';
import type { Book } from './ledger';
import type { RateLimit } from './rateLimit';
import type { Emulator, EmulatorOptions, RecordedRequest, Upload } from './types';
import type { Gallery } from './gallery';

/** A file on the files server. */
interface HostedFile {
	bytes: Buffer;
	contentType: string;
	/** Uploads are forgotten at reset(); hosted files stay. */
	uploaded: boolean;
}

/** Everything that the routes share. */
export interface World {
	readonly options: EmulatorOptions;
	readonly apiKey: string;
	readonly clock: Clock;
	readonly book: Book;
	readonly faults: Faults;
	readonly rateLimit: RateLimit;
	readonly inputs: InputReader;
	readonly gallery: Gallery;
	readonly requests: RecordedRequest[];
	readonly leaks: RecordedRequest[];
	readonly uploads: Upload[];
	/** By path on the files server. */
	readonly files: Map<string, HostedFile>;
	/** Known once the servers listen. */
	emulator?: Emulator;
	filesUrl: string;
}
