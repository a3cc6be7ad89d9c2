import fc from 'fast-check'

/** Text of JSON, with the numbers that a double cannot hold, and names that trip the careless. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom('-0', '1e400', '0.1000000000000000055', '12345678901234567.890', '1e-7')
)

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'events', 'data')
)

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\u0000', '\uffff', '9223372036854775807', '{"a":', '\u{E000}1:2')
)

const scalar = fc.oneof(
  number,
  text.map((one) => JSON.stringify(one)),
  fc.constantFrom('null', 'true', 'false')
)

const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('list'),
    tie('object')
  ),
  list: fc.array(tie('value'), { maxLength: 5 }).map((parts) => `[${parts.join(',')}]`),
  object: fc
    .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 6, selector: ([name]) => name })
    .map((entries) => objectText(entries)),
}))

const objectText = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${one}`).join(',')}}`

/** Any JSON text. */
export const jsonText: fc.Arbitrary<string> = value

/** Text that is mostly no JSON: noise, or JSON with a piece cut out, doubled or overwritten. */
export const brokenText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.tuple(jsonText, fc.nat(), fc.nat(8), fc.string()).map(([whole, at, length, noise]) => {
    const from = at % (whole.length + 1)
    return whole.slice(0, from) + noise + whole.slice(from + length)
  })
)

/**
 * The text of an object: fields that a dialect knows, each mostly as it wants it and sometimes
 * anything or missing, beside others that nobody knows.
 */
export const objectWith = (known: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.record(
        Object.fromEntries(
          Object.entries(known).map(([name, good]) => [
            name,
            fc.oneof(
              { weight: 8, arbitrary: good },
              { weight: 1, arbitrary: jsonText },
              { weight: 1, arbitrary: fc.constant('') }
            ),
          ])
        )
      ),
      fc.array(fc.tuple(key, jsonText), { maxLength: 3 })
    )
    .map(([fields, others]) => {
      const given = Object.entries(fields).filter(([, one]) => one !== '')
      const strange = others.filter(([name]) => !Object.hasOwn(known, name))
      return objectText([...given, ...new Map(strange)])
    })

export const listOf = (item: fc.Arbitrary<string>, maxLength = 5): fc.Arbitrary<string> =>
  fc.array(item, { maxLength }).map((items) => `[${items.join(',')}]`)

export const textOf = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  arbitrary.map((one) => JSON.stringify(one))

export const oneOf = (...values: unknown[]): fc.Arbitrary<string> =>
  fc.constantFrom(...values.map((one) => JSON.stringify(one)))

const eventText = objectWith({
  event_type: oneOf('custom_event', 'screen_view', 'commerce_event', 'session_end', 'hologram'),
  data: objectWith({
    event_name: textOf(fc.string()),
    timestamp_unixtime_ms: number,
    session_uuid: textOf(fc.uuid()),
    custom_attributes: jsonText,
    product_action: jsonText,
  }),
})

/** The text of a batch of mParticle's form. */
export const batchText: fc.Arbitrary<string> = objectWith({
  events: listOf(eventText),
  mpid: number,
  mp_deviceid: textOf(fc.uuid()),
  source_request_id: textOf(fc.uuid()),
  user_identities: objectWith({ customer_id: textOf(fc.string()), email: textOf(fc.string()) }),
  user_attributes: jsonText,
  consent_state: jsonText,
  environment: oneOf('production', 'development'),
})
