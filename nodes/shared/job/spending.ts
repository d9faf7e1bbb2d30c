import { ItemProblem } from '../problems/problems';
import type { Ledger } from './ledger';
import type { Progress } from './progress';

/** A sum as a person reads it, without the dust of binary fractions. */
const spokenUsd = (amount: number): string => `${Number(amount.toFixed(4))} USD`;

const RAN_OUT = "Segmind's credits ran out";

/** The rule of *Maximum Cost*: how many more jobs fit, each at the listed price. */
export const jobsThatFit = (maxCostUsd: number, committedUsd: number, priceUsd: number): number =>
	Math.max(0, Math.floor((maxCostUsd - committedUsd) / priceUsd + 1e-6));

/**
 * What a run may still buy: as much as *Maximum Cost* pays for, and nothing once Segmind has refused a submit for want
 * of credits.
 */
export class Spending {
	/** As the first item says. */
	maxCostUsd = Infinity;

	/** Items that may still submit a job. */
	readonly pending = new Set<number>();

	/** What has kept an item from being submitted. */
	private limit = '';

	constructor(
		private readonly ledger: Ledger,
		private readonly progress: Progress,
		private readonly run: { count: number; priceUsd: number },
	) {}

	/**
	 * Lets one more job be submitted. One that leaves is in the ledger before anything else runs: the next is counted with
	 * it.
	 *
	 * @throws ItemProblem when it may not
	 */
	check(): void {
		const { maxCostUsd, run } = this;
		if (this.limit === RAN_OUT) throw new ItemProblem({ code: 'creditsRanOut' });
		if (maxCostUsd === Infinity) return;
		const { committedUsd } = this.ledger.purchases(run.priceUsd);
		if (jobsThatFit(maxCostUsd, committedUsd, run.priceUsd) > 0) return;
		this.limit = `Maximum Cost (${spokenUsd(maxCostUsd)}) ended the run`;
		const why = `${spokenUsd(committedUsd)} of ${spokenUsd(maxCostUsd)} is already committed, and a job is listed at ${spokenUsd(run.priceUsd)}`;
		throw new ItemProblem({ code: 'overMaxCost', why });
	}

	/** Segmind refused a submit for want of credits: it would refuse all others, too. */
	runOut(): void {
		this.limit = RAN_OUT;
	}

	/** An answer says what the account has left: a person knows as soon as that doesn't reach for what is still wanted. */
	noteCredits(creditsUsd: unknown): void {
		const { count, priceUsd } = this.run;
		if (typeof creditsUsd !== 'number' || !(creditsUsd < count * priceUsd)) return;
		const { committedUsd } = this.ledger.purchases(priceUsd);
		const fitting = jobsThatFit(this.maxCostUsd, committedUsd, priceUsd);
		const wanted = Math.min(this.pending.size, fitting);
		const affordable = jobsThatFit(creditsUsd, 0, priceUsd);
		if (affordable >= wanted) return;
		this.progress.warnOnce(
			'credits',
			`Segmind reports ${spokenUsd(creditsUsd)} of credits left: enough for about ${affordable} of the ${wanted} items still to be submitted.`,
		);
	}

	/** What has ended the purchases of several items, and how many were bought; else empty. */
	ending(): string {
		const { count, priceUsd } = this.run;
		if (this.limit === '' || count < 2) return '';
		const bought = this.ledger.purchases(priceUsd).jobs;
		// An agent's calls count together, each with items of its own.
		if (bought > count) return `${this.limit}.`;
		return `${this.limit}: ${bought} of ${count} items were bought, ${count - bought} were not.`;
	}
}
