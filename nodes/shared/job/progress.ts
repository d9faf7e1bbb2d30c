import type { IExecuteFunctions } from 'n8n-workflow';
import type { Account } from '../http/account';
import type { Clock } from '../kit/clock';
import type { Costs } from './ledger';
import type { SegmindModel } from '../model';

/** A duration as a person says it; milliseconds. */
function spokenTime(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Shows people where a run stands, by the means that n8n has: messages in the editor's console while it goes on, lines
 * in n8n's log, and a hint at the output when it is over.
 */
export class Progress {
	private readonly startedAtMs: number;
	private readonly count: number;
	private images = 0;
	private ended = 0;
	private failed = 0;
	private readonly warnedOf = new Set<string>();
	private readonly warnings: string[] = [];

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly model: SegmindModel,
		private readonly run: { clock: Clock; account: Account },
	) {
		this.startedAtMs = run.clock.now();
		this.count = context.getInputData().length;
	}

	/** A job was accepted for an item. */
	accepted(itemIndex: number, requestId: string): void {
		// At n8n's usual level: when a worker is killed, its log is all that still knows what was bought.
		this.say(`item ${itemIndex}: Segmind accepted job ${requestId}`, 'info');
	}

	/** A job has left the queue. */
	begun(itemIndex: number): void {
		this.say(`item ${itemIndex}: Segmind is making the image`);
	}

	/**
	 * An item came to its end.
	 *
	 * @param images how many images it brought
	 */
	finished(itemIndex: number, images: number): void {
		this.images += images;
		this.end(`item ${itemIndex}: ${images === 1 ? 'image' : `${images} images`} ready`);
	}

	failure(itemIndex: number): void {
		this.failed++;
		this.end(`item ${itemIndex}: failed`);
	}

	/** Something that the user should look at, although the item did not fail. */
	warn(warning: string): void {
		this.warnings.push(warning);
	}

	/** The same at once, and once a run: something can still be done about it. */
	warnOnce(about: string, warning: string): void {
		if (this.warnedOf.has(about)) return;
		this.warnedOf.add(about);
		this.warn(warning);
		this.say(warning, 'info');
	}

	/**
	 * Says at the end of the run what came of it.
	 *
	 * @param costs what its jobs cost, those of earlier tries too
	 */
	close({ reportedUsd, unreported }: Costs): void {
		const { context, model, count, images, failed } = this;
		const sumUsd = reportedUsd + unreported * model.typicalCost;
		if (sumUsd > 0) this.warnOfSamples();
		if (this.warnings.length > 0) this.hint(this.warnings.join(' '), 'warning');
		if (count < 2 || images + failed + sumUsd === 0) return;
		const time = spokenTime(this.run.clock.now() - this.startedAtMs);
		const money =
			unreported === 0
				? `Segmind reports a cost of ${sumUsd.toFixed(2)} USD.`
				: `This run cost about ${sumUsd.toFixed(2)} USD at Segmind's listed prices.`;
		const summary = [
			`${images} ${images === 1 ? 'image' : 'images'} in ${time}.`,
			...(failed === 0 ? [] : [`${failed} of ${count} items failed.`]),
			...(sumUsd === 0 ? [] : [money]),
		].join(' ');
		this.hint(summary, 'info');
		context.logger.info(`${model.title}: ${summary}`);
	}

	/** A node whose fields still hold Segmind's samples ignores its input, and buys all the same. */
	private warnOfSamples(): void {
		const parameter = (name: string) => this.context.getNodeParameter(name, 0, '');
		const { images } = this.model;
		const areSamples = images.every(
			({ name, defaultUrl }) =>
				defaultUrl !== undefined &&
				parameter(`${name}Input`) === 'url' &&
				parameter(`${name}Url`) === defaultUrl,
		);
		if (!areSamples) return;
		const labels = images.map(({ label }) => label).join(' and ');
		this.warn(
			`This run did not use its input: ${labels} still hold Segmind's sample images. Replace them with your own.`,
		);
	}

	private end(what: string): void {
		this.ended++;
		this.say(this.count === 1 ? what : `${what} (${this.ended} of ${this.count})`);
	}

	private say(what: string, level: 'debug' | 'info' = 'debug'): void {
		const message = this.run.account.mask(`${this.model.title}: ${what}`);
		this.context.logger[level](message);
		this.context.sendMessageToUI(message);
	}

	private hint(what: string, type: 'info' | 'warning'): void {
		const message = this.run.account.mask(what);
		this.context.addExecutionHints({ message, type, location: 'outputPane' });
	}
}
