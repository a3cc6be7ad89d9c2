import { exactText, type JsonObject, stringifyJson } from '../../base/json'
import type { Batch } from '../../batch'
import { filled, type MobileRequest } from './request'

const platformOf = ({ context, is_browser }: MobileRequest): string => {
  switch (context.platform?.toLowerCase()) {
    case 'iphoneos':
    case 'ios':
      return 'iOS'
    case 'android':
      return 'Android'
    default:
      return is_browser ? 'web' : 'out_of_band'
  }
}

// There may be a script between language and country, as in zh-Hans-CN.
const localeOf = (locale: string | undefined): JsonObject => {
  const [language, ...rest] = locale?.split(/[_-]/) ?? []
  const country = rest.find((part) => /^([a-z]{2}|\d{3})$/i.test(part))
  return filled({ locale_language: language, locale_country: country })
}

const customerIdOf = ({ events, options }: MobileRequest): string | undefined => {
  const name = options.customer_id_attribute
  return name === undefined
    ? undefined
    : events.findLast(({ attributes }) => attributes[name])?.attributes[name]
}

// User attributes cannot hold objects, so these are stored as JSON text.
const userAttributes = (custom: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(custom).map(([name, value]) => {
      const isObject = typeof value === 'object' && value !== null
      return [name, isObject ? stringifyJson(value) : (exactText(value) ?? null)]
    })
  )

/** The batch of a request without its events: client, app and device. */
export const mapClient = (request: MobileRequest): Batch => {
  const { context, options } = request
  const customer_id = customerIdOf(request)
  const application_info = filled({
    application_name: context.app_title,
    application_version: context.app_version_name,
    application_build_number: context.app_version_code,
    package: context.app_package_name,
  })
  const attributes = options.custom_as_user_attributes ? userAttributes(context.custom) : {}
  return {
    source_request_id: request.request_id,
    environment: options.environment,
    mp_deviceid: context.client_id,
    ...(request.is_bot ? { is_bot: true } : {}),
    ...(customer_id === undefined ? {} : { user_identities: { customer_id } }),
    ...(Object.keys(application_info).length > 0 ? { application_info } : {}),
    ...(Object.keys(attributes).length > 0 ? { user_attributes: attributes } : {}),
    device_info: filled({
      platform: platformOf(request),
      os_version: context.platform_version,
      device_model: context.model,
      device_manufacturer: context.make,
      ...localeOf(context.locale),
    }),
  }
}
