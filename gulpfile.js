const { dest, parallel, src } = require('gulp');

/** Icons, into the place that each class names relative to its compiled file. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** Codex files: the categories, aliases and links that n8n's node search reads. */
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));

exports.default = parallel(icons, codex);
