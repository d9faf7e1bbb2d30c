import { searchAll, CONFIGURATIONS, realCore } from './search';
const t = Date.now();
let all=0, edges=0;
for (const c of CONFIGURATIONS) { const f = searchAll(realCore, {configurations:[c]}); all+=f.states; edges+=f.edges; console.log(JSON.stringify(c), f.states, f.edges, Date.now()-t, f.violations.map(v=>v.split(' {')[0])); }
console.log(all, edges);
