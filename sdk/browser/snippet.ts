/**
 * Inline script for the head of a page, before `<script async src="…/weir.js">`. It defines a
 * `weir` that queues calls of any method, which the SDK makes in order once it is loaded. Each call
 * returns a promise of `false`.
 */
export const snippet =
  "window.weir||=new Proxy({q:[]},{get:(t,m)=>m in t||m=='then'?t[m]:(...a)=>(t.q.push([m,a]),Promise.resolve(!1))})"
