/**
 * Inline script for the head of a page, before `<script async src="…/weir.js">`: a `weir` whose
 * methods may be called at once. They are carried out, in order, when the SDK arrives. Should it
 * never arrive, they do nothing; `flush` answers `false`.
 */
export const snippet =
  "!function(w,q){w.weir||(w.weir={q:q},'init track page identify setUserAttributes flush close'" +
  ".split(' ').map(function(m){w.weir[m]=function(){q.push([m,arguments]);" +
  'return Promise.resolve(!1)}}))}(window,[])'
