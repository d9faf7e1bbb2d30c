import { isObject } from '../kit/json';

/** Of the words, and of a text in which they are looked for: a longer one is read as far as this; characters. */
const MAX_WORDS = 300;
const MAX_READ = 100_000;

/** Where the API keeps its own words about an error, most telling first [docs, field]. */
const PLACES = ['error', 'error_message', 'message', 'detail', 'details', 'msg', 'reason', 'title'];

/** A tag, as far as its end or the next one, and the text behind it. */
const TAG = /<(\/?)([a-z0-9]*)[^<>]*>?([^<]*)/gi;

/** What a page shows: its title, and its text outside of head, style and script. */
function textOfPage(html: string): string {
	let hiddenBy = '';
	let text = html.slice(0, html.indexOf('<'));
	for (const [, slash = '', tag = '', behind = ''] of html.matchAll(TAG)) {
		const name = tag.toLowerCase();
		if (hiddenBy === '' && slash === '' && /^(head|style|script)$/.test(name)) hiddenBy = name;
		else if (slash !== '' && name === hiddenBy) hiddenBy = '';
		const isTitle = hiddenBy === 'head' && slash === '' && name === 'title';
		if (hiddenBy === '' || isTitle) text += ` ${behind}`;
	}
	return text;
}

/** Text as a person reads it: no tags, no runs of white space, no more than a few sentences. */
function clean(foreign: string): string {
	const text = foreign.slice(0, MAX_READ);
	const plain = (/<[a-z!/]/i.test(text) ? textOfPage(text) : text)
		.replace(/&(nbsp|#160);/g, ' ')
		.replace(/&lt;/g, '<')
		.replace(/&gt;/g, '>')
		.replace(/&quot;|&#39;/g, "'")
		.replace(/&amp;/g, '&')
		// What was no text at all leaves replacement characters.
		.replace(/[\s\uFFFD\p{Cc}]+/gu, ' ')
		.trim();
	return plain.length > MAX_WORDS ? `${plain.slice(0, MAX_WORDS - 1).trimEnd()}…` : plain;
}

function wordsOf(value: unknown, depth: number): string {
	if (typeof value === 'string' || typeof value === 'number') return String(value);
	if (depth > 4) return '';
	const inside = (inner: unknown) => wordsOf(inner, depth + 1);
	if (Array.isArray(value)) return value.map(inside).filter(Boolean).join('; ');
	if (!isObject(value)) return '';
	const words = PLACES.map((name) => inside(value[name])).find(Boolean) ?? '';
	// A workflow names the step that failed: {model, error} [field].
	const model = typeof value.model === 'string' && words !== '' ? `${value.model}: ` : '';
	// A validation error names the field: {loc: ['body', 'steps'], msg}.
	const path = Array.isArray(value.loc) ? value.loc : [];
	const field = path.filter((part) => part !== 'body').join('.');
	return `${model}${field === '' ? '' : `${field}: `}${words}`;
}

/**
 * The API's own words in an answer, cleaned: from `error`, `message`, `detail` and their nested forms,
 * or from plain text or HTML. Empty when it has none.
 *
 * @param answer a parsed JSON body, or the body as text
 */
export function apiWords(answer: unknown): string {
	return clean(wordsOf(answer, 0));
}
