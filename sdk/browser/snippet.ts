/**
 * Inline script for the head of a page, before `<script async src="…/weir.js">`: a `weir` that takes
 * any call at once. They are carried out, in order, when the SDK arrives. Should it never arrive, they
 * do nothing; each answers a promise of `false`.
 */
export const snippet =
  "window.weir||=new Proxy({q:[]},{get:(t,m)=>m in t||m=='then'?t[m]:(...a)=>(t.q.push([m,a]),Promise.resolve(!1))})"
