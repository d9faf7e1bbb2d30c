const { join, sep } = require('node:path');

/** The folder with the packages of the n8n line under test. */
const folder = process.env.COMPATIBILITY_FOLDER ?? join(__dirname, '..', '..', '..');

/** n8n's own packages, and the one that the tests share with them. */
const ofN8n = /^(n8n-core|n8n-workflow|@n8n\/[^/]+|reflect-metadata)(\/|$)/;

/**
 * Resolves modules for jest as always, but n8n's packages from the line's folder, whoever asks for them: the
 * tests, the nodes, the built package. With two copies of one, `instanceof` and n8n's container would be
 * wrong without a word.
 */
module.exports = (request, options) => {
	if (!ofN8n.test(request)) return options.defaultResolver(request, options);
	const inLine = options.basedir.startsWith(folder + sep);
	const path = options.defaultResolver(request, inLine ? options : { ...options, basedir: folder });
	if (path.startsWith(folder + sep)) return path;
	throw new Error(`${request} is not among the packages in ${folder}`);
};
