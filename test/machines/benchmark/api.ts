import type { Assignment, Service } from './types';

/** What the benchmark's own clients read of an answer. */
export interface Answer {
	request_id?: string;
	status?: string;
	poll_url?: string;
	status_url?: string;
	response_url?: string;
	file_urls?: string[];
	images?: Array<{ url: string }>;
	output?: string;
}

/** What peers wait between two status checks, in seconds: 5 is usual, the workflow's own sample says 7 [seed]. */
export const PEER_INTERVAL: Record<Service, number> = { 'faceswap-comic': 5, workflow: 7 };

/** What the benchmark's workflow of core nodes waits, in seconds. */
export const CORE_INTERVAL = 7;

export const submitPath = (service: Service): string =>
	service === 'workflow' ? '/workflows/678aa4026426baad7e5392fb-v7' : '/v2/faceswap-comic';

/** Addresses of two images on the emulator's files server; with `imageBytes` set it never fetches them. */
export const hostedUrls = ({ files }: Pick<Assignment, 'files'>): [string, string] => [
	`${files}/hosted/face.jpg`,
	`${files}/hosted/comic.png`,
];

/** A request body; `image` takes the place of the first image's address. */
export function bodyFor(assignment: Assignment, image?: string): Record<string, string> {
	const [first, second] = hostedUrls(assignment);
	return assignment.service === 'workflow'
		? { reference_character_image: image ?? first, character_image: second }
		: { source_image: image ?? first, target_image: second };
}

/** Where a finished job's image is. */
export function imageUrlIn({ images, output }: Answer): string {
	const url = images?.[0]?.url;
	if (url !== undefined) return url;
	const [first] = JSON.parse(String(output)) as Array<{ value: { data: string } }>;
	return String(first?.value.data);
}
