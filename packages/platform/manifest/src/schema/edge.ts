import * as z from 'zod'

const origin = z
  .string()
  .regex(/^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/, { error: ({ input }) => `'${input}' is not an origin` })
  .meta({ examples: ['https://app.acme.example'] })

/** Which pages of other origins may call the product. */
export const cors = z
  .strictObject({
    origins: z
      .array(origin)
      .min(1)
      .describe('Origins of the pages, as in https://app.acme.example, or "*" for all.'),
    credentials: z
      .boolean()
      .default(false)
      .describe(
        'Whether their requests may carry the session cookie. false by default: a page that may act for its users must be one of yours.',
      ),
    maxAgeSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(600)
      .describe(
        'How long browsers may remember the answer. 600 by default: a change of policy arrives within minutes.',
      ),
  })
  .refine(({ origins, credentials }) => !(credentials && origins.includes('*')), {
    error: 'lets every page on the web act for whoever is signed in',
    path: ['credentials'],
    params: { remedy: 'name the origins, or leave credentials out' },
  })

/** The cookie that carries the token of whoever is signed in. */
export const cookies = z
  .strictObject({
    session: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: ({ input }) => `'${input}' is not a name of a cookie` })
      .default('session')
      .describe('Its name. "session" by default.'),
    sameSite: z
      .enum(['lax', 'strict', 'none'])
      .default('lax')
      .describe(
        'From where browsers send it. "lax" by default: not with what pages of other sites send, but when somebody follows a link.',
      ),
    secure: z
      .boolean()
      .default(true)
      .describe(
        'Whether it travels over TLS, and on this machine, only. true by default: it is as good as a password.',
      ),
    maxAgeDays: z
      .int()
      .min(1)
      .max(400)
      .default(30)
      .describe('How long browsers keep it. 30 by default: the token in it may end earlier.'),
  })
  .refine(({ sameSite, secure }) => sameSite !== 'none' || secure, {
    error: 'is not kept by browsers unless it is secure',
    path: ['sameSite'],
    params: { remedy: 'leave "secure" true, or use "lax"' },
  })
