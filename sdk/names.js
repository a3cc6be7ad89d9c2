import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

// Property names that are sent to the server and that neither the browser nor the public types
// declare. Names with an underscore are never mangled.
const WIRE = [
  'consented',
  'identity',
  'environment',
  'new',
  'old',
  'initiator',
  'promotions',
  'q',
  'watchPush',
]
// Browser APIs that TypeScript's types do not declare yet.
const NOVEL = ['globalPrivacyControl', 'navigation']

const libs = dirname(createRequire(import.meta.url).resolve('typescript'))
const DECLARED = /^\s+(?:readonly |get |set )?(\w+)[?(:<]/gm

/** Names that the browser or the language defines. */
const platformNames = () =>
  readdirSync(libs)
    .filter((file) => /^lib\.(dom|webworker|es5|es20(1\d|2[0-3]))(\..*)?\.d\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(`${libs}/${file}`, 'utf8').matchAll(DECLARED)])
    .map(([, name]) => name)

/** Names in the SDK's public types. */
const publicNames = (types) => [...types.matchAll(DECLARED)].map(([, name]) => name)

/**
 * Property names that minification must not change.
 *
 * @param {string} types the SDK's public types
 */
export const keptNames = (types) => [...WIRE, ...NOVEL, ...platformNames(), ...publicNames(types)]
