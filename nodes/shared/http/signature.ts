import { originOf } from '../kit/urls';

/** How a request to `/workflows/` names the key: sources differ about what the gateway takes [seed, docs, field]. */
export const SIGNATURES = ['both', 'key', 'bearer'] as const;

export type Signature = (typeof SIGNATURES)[number];

/** Tells the credential which of them a request wants. The credential takes it off: it never travels. */
export const SIGNATURE_HEADER = 'x-segmind-signature';

/** What this process has seen work, by origin. */
const working = new Map<string | undefined, Signature>();

export const noteSignature = (url: string, signature: Signature): void =>
	void working.set(originOf(url), signature);

/** What has worked comes first, then what was not refused yet. */
export const nextSignature = (url: string, refused: readonly Signature[]): Signature | undefined =>
	[working.get(originOf(url)) ?? 'both', ...SIGNATURES].find((way) => !refused.includes(way));
