import { searchAll } from '../../support/search/search';

it('nothing that can happen to one item breaks a promise', () => {
	const { states, edges, violations } = searchAll();
	expect(violations).toEqual([]);
	console.log(states, edges);
});
