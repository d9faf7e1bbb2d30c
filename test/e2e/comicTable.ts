import type { Emulator } from '../support/emulator';
import type { Storage } from './parts/storage';
import type { RestClient } from './rest';

/** A row of the table that `examples/comic-table-submit.json` makes. */
export interface ComicRow {
	id: number;
	comicUrl: string;
	/** `null` for a row that nobody has touched yet. */
	status: string | null;
	requestId: string | null;
	imageUrl: string | null;
	error: string | null;
}

/** That table, as a person has it before them in *Data tables*. */
export class ComicTable {
	/** As the node *The Table* of both examples names it. */
	static readonly title = 'segmind comics';

	constructor(private readonly rest: RestClient) {}

	/** The rows, in the order in which they were added; none while there is no table. */
	async rows(): Promise<ComicRow[]> {
		const table = await this.find();
		if (!table) return [];
		const path = `${table}/rows?sortBy=id:asc&take=250`;
		return (await this.rest.call<{ data: ComicRow[] }>('GET', path)).data;
	}

	/** What stands in the column *status*, in the order of the rows. */
	async statuses(): Promise<Array<string | null>> {
		return (await this.rows()).map(({ status }) => status);
	}

	/**
	 * How many rows that are done have in the storage, where `examples/comic-table-fetch.json` puts it, exactly
	 * the picture that Segmind made of their comic.
	 */
	async rightPictures(storage: Storage, { ledger, image, imageUrl }: Emulator): Promise<number> {
		let right = 0;
		for (const row of await this.rows()) {
			const job = ledger.jobs.find(({ requestId }) => requestId === row.requestId);
			if (row.status !== 'done' || job?.body.target_image !== row.comicUrl) continue;
			const { body, type } = await storage.get(`comics/comic-${row.id}.jpg`);
			const same = body.equals(await image(job.requestId));
			if (same && type === 'image/jpeg' && row.imageUrl === imageUrl(job.requestId)) right++;
		}
		return right;
	}

	/** Writes into a row by hand. */
	async edit(id: number | undefined, data: Partial<ComicRow>): Promise<void> {
		const filter = { type: 'and', filters: [{ columnName: 'id', condition: 'eq', value: id }] };
		await this.rest.call('PATCH', `${await this.find()}/rows`, { filter, data });
	}

	/** Adds a row by hand. */
	async add(row: Partial<ComicRow>): Promise<void> {
		const body = { data: [row], returnType: 'count' };
		await this.rest.call('POST', `${await this.find()}/insert`, body);
	}

	/** Throws the table away. */
	async remove(): Promise<void> {
		const table = await this.find();
		if (table) await this.rest.call('DELETE', table);
	}

	/** The address of the table below `/rest`. */
	private async find(): Promise<string | undefined> {
		const { id } = await this.rest.call<{ id: string }>('GET', '/projects/personal');
		const tables = `/projects/${id}/data-tables`;
		const { data } = await this.rest.call<{ data: Array<{ id: string; name: string }> }>(
			'GET',
			tables,
		);
		const table = data.find(({ name }) => name === ComicTable.title);
		return table && `${tables}/${table.id}`;
	}
}
