import type { Clock } from './clock';

const WINDOW_MS = 60_000;

/** Fixed windows of one minute; a request after a window's end opens the next one. */
export class RateLimit {
	private windowStart = -Infinity;
	private count = 0;

	constructor(
		private readonly clock: Clock,
		private readonly perMinute: number | undefined,
	) {}

	/** Whole seconds to wait, or undefined when the request may pass; refused ones don't count. */
	refuse(): number | undefined {
		if (this.perMinute === undefined) return undefined;
		const now = this.clock.now();
		if (now - this.windowStart >= WINDOW_MS) {
			this.windowStart = now;
			this.count = 0;
		}
		if (this.count >= this.perMinute) {
			return Math.max(1, Math.ceil((this.windowStart + WINDOW_MS - now) / 1000));
		}
		this.count += 1;
		return undefined;
	}

	reset(): void {
		this.windowStart = -Infinity;
	}
}
