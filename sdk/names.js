import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

// Properties that go over the wire and that neither the browser nor the public types have. Those with
// an underscore are left alone anyway.
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
// What the types of the browser do not have yet.
const NOVEL = ['globalPrivacyControl', 'navigation']

const libs = dirname(createRequire(import.meta.url).resolve('typescript'))
const DECLARED = /^\s+(?:readonly |get |set )?(\w+)[?(:<]/gm

/** Names that the browser or the language declares. */
const platformNames = () =>
  readdirSync(libs)
    .filter((file) => /^lib\.(dom|webworker|es5|es20(1\d|2[0-3]))(\..*)?\.d\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(`${libs}/${file}`, 'utf8').matchAll(DECLARED)])
    .map(([, name]) => name)

/** Names that the SDK's users see. */
const publicNames = (types) => [...types.matchAll(DECLARED)].map(([, name]) => name)

/**
 * Names of properties that must stay as they are when the SDK is minified.
 *
 * @param {string} types the SDK's public types
 */
export const keptNames = (types) => [...WIRE, ...NOVEL, ...platformNames(), ...publicNames(types)]
