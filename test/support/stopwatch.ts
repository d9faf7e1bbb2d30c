/* eslint-disable @n8n/community-nodes/no-restricted-globals */

/** How often it looks at the clock; milliseconds. */
const STEP = 10;

/**
 * Measures a time without what the machine kept from this process meanwhile: other tests run beside it.
 *
 * @returns ends the measuring, and tells the time in milliseconds
 */
export function startStopwatch(): () => number {
	const began = performance.now();
	let last = began;
	let kept = 0;
	const look = () => {
		const now = performance.now();
		kept += Math.max(0, now - last - 2 * STEP);
		last = now;
	};
	const timer = setInterval(look, STEP).unref();
	return () => {
		clearInterval(timer);
		look();
		return Math.round(last - began - kept);
	};
}
