/** The part of the S3 server that the tests use; it brings no types. */
declare module '@20minutes/s3rver' {
	class S3rver {
		constructor(options: {
			address: string;
			port: number;
			silent: boolean;
			directory: string;
			vhostBuckets: boolean;
			configureBuckets: Array<{ name: string; configs: string[] }>;
		});
		run(): Promise<unknown>;
		close(): Promise<void>;
	}
	export = S3rver;
}
