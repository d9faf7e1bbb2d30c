/**
 * Every npm script of the package begins with this launcher, so that each is right as the first command on a
 * fresh clone: it brings `node_modules` up to date and then starts the steps of the script itself, on the Node.js
 * that the lockfile names.
 *
 *     node scripts/run.mjs [--with FOLDER] STEP [--then STEP …]
 *
 * `--with` names another package of the project that is to be installed, such as test/e2e/n8n. A step is `node`
 * or a command of the development dependencies with its arguments; `npm run NAME` stands for the steps of that
 * script. The next step starts when the one before it has ended well.
 *
 * Shell operators won't do instead: the shell has found `node` before the set-up brings another one, and
 * remembers the place. The launcher itself runs on whatever Node.js the machine has.
 */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runToEnd } from './child.mjs';
import { isWindows, pathOfMachine, root } from './machine.mjs';
import { setUp } from './setup.mjs';

const node = join(root, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');

/** The words of a script of package.json that follow the launcher. */
function wordsOf(name) {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	return scripts[name].split(' ').slice(3);
}

/** What the launcher's words ask for: the folders to set up, and the steps with their arguments. */
function read(words) {
	const [folders, steps] = [[], [[]]];
	for (let index = 0; index < words.length; index++) {
		if (words[index] === '--with') folders.push(words[++index]);
		else if (words[index] === '--then') steps.push([]);
		else steps.at(-1).push(words[index]);
	}
	const expanded = steps
		.filter((step) => step.length > 0)
		.flatMap((step) => {
			if (step[0] !== 'npm') return [step];
			const other = read(wordsOf(step[2]));
			folders.push(...other.folders);
			return other.steps;
		});
	return { folders, steps: expanded };
}

const { folders, steps } = read(process.argv.slice(2));
await setUp(folders);
if (!existsSync(node)) {
	console.error(
		'The Node.js of the development dependencies is missing, as when npm is told to ignore scripts.\n' +
			'This brings it: npm rebuild node --ignore-scripts=false',
	);
	process.exit(1);
}
const path = [join(root, 'node_modules', '.bin'), pathOfMachine()].join(delimiter);
for (const [name, ...args] of steps) {
	const isNode = name === 'node';
	await runToEnd(isNode ? node : name, args, {
		env: { ...process.env, PATH: path },
		// On Windows the other commands are batch files.
		shell: isWindows && !isNode,
	});
}
process.exit();
